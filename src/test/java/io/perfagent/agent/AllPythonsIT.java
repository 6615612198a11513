package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.PidNamespace;
import io.perfagent.testing.Traces;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** R4, R8, R9 and R14 with {@code -a}, and B5: interpreters that are there, that come up, and that are gone again at once. */
@Timeout(300)
class AllPythonsIT {
    private static final Path PACED =
            Path.of("src", "test", "workloads", "paced.py").toAbsolutePath();
    private static final Path TOO_OLD =
            Path.of("target", "interpreters", "special", "python3.11").toAbsolutePath();
    private static final String AGENT = PidNamespace.agent(
                    "--profile",
                    "-a",
                    "--inject-python",
                    "--python-frames=off",
                    "--duration",
                    "600s",
                    "--profile-output",
                    "all.pb.gz")
            + " 2>agent.log &\nagent=$!\n";
    private static final String LOOKED_AROUND =
            "until grep -q python-arrivals /proc/$agent/task/*/comm 2>/dev/null; do sleep 0.1; done\nsleep 1\n";

    /** Prints the PID and the name of a target once it is ready. */
    private static final String FUNCTIONS = """
            ready() {
              for _ in $(seq 300); do
                if grep -q ready "$2.log"; then echo "pid $1 $2"; return; fi
                sleep 0.1
              done
              cat "$2.log"; exit 3
            }
            # Waits for so many lines about interpreters, lets them be sampled for a while, and ends the run.
            finish() {
              for _ in $(seq 600); do
                [ "$(grep -cE 'inject (activated|skipped|failed) pid' agent.log)" -lt "$1" ] || break
                sleep 0.1
              done
              sleep 3; kill -TERM $agent; wait $agent || { cat agent.log; exit 4; }
              cat agent.log
            }
            report() {
              kill -USR1 "$1"
              for _ in $(seq 100); do
                if grep -q report "$2.log"; then echo "$2 $(grep report "$2.log")"; return; fi
                sleep 0.1
              done
              echo "$2 does not answer"
            }
            """;

    @TempDir
    private Path directory;

    @Test
    void everyInterpreterIsNamedAndWhatCannotBeIsSaidOnce() throws Exception {
        // Each is on a processor for a twentieth of the time: together they leave one.
        StringBuilder script = new StringBuilder(FUNCTIONS);
        StringBuilder reports = new StringBuilder();
        int number = 0;
        for (Interpreter interpreter : interpreters()) {
            String name = "i" + number++;
            script.append("PAUSE=0.06 %s %s >%s.log 2>&1 &\n%s=$!\nready $%s %s\n"
                    .formatted(interpreter.command(), PACED, name, name, name, name));
            reports.append("report $%s %s\n".formatted(name, name));
        }
        script.append(TOO_OLD + " -c 'import time; time.sleep(600)' &\nold=$!\nsleep 600 &\n");
        script.append(AGENT)
                .append("finish " + (number + 1) + "\n")
                .append(reports)
                .append("echo \"old $old\"\n");
        String printed = run(script.toString());

        List<Interpreter> refused =
                interpreters().stream().filter(Interpreter::crashesOnFork).toList();
        int on = number - refused.size();
        assertThat(printed)
                .contains("activated=" + on + " skipped=" + (refused.size() + 1) + " failed=0 deactivated=" + on)
                .contains("reasons=python_too_old:1,fork_unsafe:" + refused.size())
                .containsOnlyOnce("reason=python_too_old")
                .contains("skipped pid=" + word(printed, "old ") + " reason=python_too_old")
                .doesNotContain("reason=not_python", "active=True", "does not answer");
        assertThat(Pattern.compile("report active=False").matcher(printed).results())
                .hasSize(number);
        assertThat(pidsWith("py::leaf")).hasSize(on);
    }

    private static List<Interpreter> interpreters() {
        return Interpreter.everyOne() ? Interpreter.oneOfEachBuild() : Interpreter.oneOfEachVersion();
    }

    /** Python and script are the same in all: what differs is how they come about. */
    @Test
    void interpretersThatComeUpDuringTheRunAreNamed() throws Exception {
        Interpreter python = Interpreter.oneOfEachVersion().getFirst();
        String chain = python.command() + " " + PACED;
        String printed = run(FUNCTIONS + AGENT + LOOKED_AROUND
                + "sh -c 'sleep 1; exec " + chain + "' >execed.log 2>&1 &\nexeced=$!\n"
                + chain + " >started.log 2>&1 &\nstarted=$!\nready $started started\nready $execed execed\n"
                + python.command() + " -c 'import time; time.sleep(3)' &\nended=$!\n"
                + "wait $ended; echo \"ended with $?\"\n"
                + "finish 3\nreport $started started\nreport $execed execed\n");
        assertThat(printed)
                .contains("activated=3 skipped=0 failed=0 deactivated=2 gone=1")
                .contains("python inject late seen=3 activated=3 inherited=0 refused=0")
                .contains("started report active=False", "execed report active=False", "ended with 0")
                .containsPattern("python deactivate pid=[0-9]+ reason=process_gone");
        assertThat(pidsWith("py::leaf")).containsExactlyInAnyOrder(pid(printed, "started"), pid(printed, "execed"));
    }

    /** Most are gone before they are looked at; some end at the very moment in which they would be switched on. */
    @Test
    @Tag("long")
    void stormOfShortLivedInterpreters() throws Exception {
        Interpreter python = Interpreter.oneOfEachVersion().getFirst();
        String printed = run(FUNCTIONS + AGENT + LOOKED_AROUND
                + "pids=\n"
                + "for i in $(seq 64); do\n"
                + "  if [ $((i % 4)) = 0 ]; then code=\"import time; time.sleep(0.3 + $i / 1000)\"; else code=pass; fi\n"
                + "  " + python.command() + " -c \"$code\" & pids=\"$pids $!\"\n"
                + "  if [ $((i % 8)) = 0 ]; then sleep 0.3; fi\n"
                + "done\n"
                + "bad=0; for pid in $pids; do wait $pid || bad=$((bad + 1)); done\n"
                + "echo \"not well: $bad\"\n"
                + "echo \"stopped: $(grep -l '^State:.[tT]' /proc/[0-9]*/task/*/status 2>/dev/null | wc -l)\"\n"
                + "finish 0\n");
        assertThat(printed).contains("not well: 0", "stopped: 0", " dropped=0 waiting=0", "% dropped=0\n");
        assertThat(number("seen", printed)).isEqualTo(64);
        assertThat(number("short_lived", printed)).isGreaterThanOrEqualTo(48);
    }

    private String run(String script) throws Exception {
        String printed = PidNamespace.run(directory, script);
        System.out.print(printed);
        return printed;
    }

    private Set<Integer> pidsWith(String function) throws Exception {
        return Traces.of(directory.resolve("all.pb.gz")).pidsWith(function);
    }

    private static int pid(String printed, String name) {
        Matcher line = Pattern.compile("pid (\\d+) " + name + "\n").matcher(printed);
        assertThat(line.find()).as(name).isTrue();
        return Integer.parseInt(line.group(1));
    }

    private static int number(String key, String printed) {
        Matcher pair = Pattern.compile(" " + key + "=(\\d+)").matcher(printed);
        assertThat(pair.find()).as(key).isTrue();
        return Integer.parseInt(pair.group(1));
    }

    private static String word(String text, String prefix) {
        int at = text.lastIndexOf(prefix) + prefix.length();
        return text.substring(at, text.indexOf('\n', at)).strip();
    }
}
