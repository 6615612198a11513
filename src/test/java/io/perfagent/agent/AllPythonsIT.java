package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.PidNamespace;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R4, R8, R9 and R14 with {@code -a}, and B5: interpreters that are there, that come up, and that are gone again at once. */
@Timeout(300)
class AllPythonsIT {
    private static final Path WORKLOADS = Path.of("src", "test", "workloads").toAbsolutePath();

    /** Versions that crash when a process with the trampoline on forks. */
    private static final List<String> FORK_UNSAFE = List.of("3.14.3");

    /** Prints the PID and the name of a target once it is ready. */
    private static final String FUNCTIONS = """
            ready() {
              for _ in $(seq 300); do
                if grep -q ready "$2.log"; then echo "pid $1 $2"; return; fi
                sleep 0.1
              done
              cat "$2.log"; exit 3
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

    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "late-");
    }

    @AfterEach
    void removeDirectory() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    @Test
    void everyInterpreterIsNamedAndWhatCannotBeIsSaidOnce() throws Exception {
        StringBuilder script = new StringBuilder(FUNCTIONS);
        StringBuilder reports = new StringBuilder();
        int number = 0;
        for (Interpreter interpreter : Interpreter.oneOfEachBuild()) {
            String name = "i" + number++;
            script.append("%s %s >%s.log 2>&1 &\n%s=$!\nready $%s %s\n"
                    .formatted(interpreter.command(), WORKLOADS.resolve("chain.py"), name, name, name, name));
            reports.append("report $%s %s\n".formatted(name, name));
        }
        script.append("/usr/bin/python3 -c 'import time; time.sleep(600)' &\nold=$!\nsleep 600 &\n");
        script.append(PidNamespace.agent(
                        "--profile", "-a", "--inject-python", "--duration", "8s", "--profile-output", "all.pb.gz"))
                .append(" || exit 4\n")
                .append(reports)
                .append("echo \"old $old\"\n");
        String printed = run(script.toString());

        List<Interpreter> refused = Interpreter.oneOfEachBuild().stream()
                .filter(interpreter -> FORK_UNSAFE.contains(interpreter.version()))
                .toList();
        int on = number - refused.size();
        assertThat(printed)
                .contains("activated=" + on + " skipped=" + (refused.size() + 1) + " failed=0 deactivated=" + on)
                .contains("reasons=python_too_old:1,fork_unsafe:" + refused.size())
                .containsOnlyOnce("reason=python_too_old")
                .contains("skipped pid=" + word(printed, "old ") + " reason=python_too_old")
                .doesNotContain("reason=not_python", "active=True", "does not answer");
        assertThat(Pattern.compile("report active=False").matcher(printed).results())
                .hasSize(number);
        assertThat(pidsWith("py::leaf", "all.pb.gz")).hasSize(on);
    }

    /** Python and script are the same in all: what differs is how they come about. */
    @Test
    void interpretersThatComeUpDuringTheRunAreNamed() throws Exception {
        Interpreter python = Interpreter.oneOfEachVersion().getFirst();
        String chain = python.command() + " " + WORKLOADS.resolve("chain.py");
        String agent = PidNamespace.agent(
                "--profile", "-a", "--inject-python", "--duration", "9s", "--profile-output", "late.pb.gz");
        String printed = run(FUNCTIONS + agent + " 2>agent.log &\nagent=$!\n"
                + "sh -c 'sleep 3; exec " + chain + "' >execed.log 2>&1 &\nexeced=$!\n"
                + "until grep -q sample-reader /proc/$agent/task/*/comm 2>/dev/null; do sleep 0.1; done\n"
                + chain + " >started.log 2>&1 &\nstarted=$!\nready $started started\nready $execed execed\n"
                + python.command() + " -c 'import time; time.sleep(3)' &\nended=$!\n"
                + "wait $agent || exit 4\ncat agent.log\nreport $started started\nreport $execed execed\n"
                + "wait $ended; echo \"ended with $?\"\n");
        assertThat(printed)
                .contains("activated=3 skipped=0 failed=0 deactivated=2 gone=1")
                .contains("python inject late seen=3 activated=3 inherited=0 refused=0")
                .contains("started report active=False", "execed report active=False", "ended with 0")
                .containsPattern("python deactivate pid=[0-9]+ reason=process_gone");
        assertThat(pidsWith("py::leaf", "late.pb.gz"))
                .containsExactlyInAnyOrder(pid(printed, "started"), pid(printed, "execed"));
    }

    /** Most are gone before they are looked at; some end at the very moment in which they would be switched on. */
    @Test
    void stormOfShortLivedInterpreters() throws Exception {
        Interpreter python = Interpreter.oneOfEachVersion().getFirst();
        String agent = PidNamespace.agent(
                "--profile", "-a", "--inject-python", "--duration", "600s", "--profile-output", "storm.pb.gz");
        String printed = run(agent + " 2>agent.log &\nagent=$!\n"
                + "until grep -q sample-reader /proc/$agent/task/*/comm 2>/dev/null; do sleep 0.1; done\n"
                + "pids=\n"
                + "for i in $(seq 400); do\n"
                + "  if [ $((i % 4)) = 0 ]; then code=\"import time; time.sleep(0.3 + $i / 1000)\"; else code=pass; fi\n"
                + "  " + python.command() + " -c \"$code\" & pids=\"$pids $!\"\n"
                + "  if [ $((i % 8)) = 0 ]; then sleep 0.3; fi\n"
                + "done\n"
                + "bad=0; for pid in $pids; do wait $pid || bad=$((bad + 1)); done\n"
                + "echo \"not well: $bad\"\n"
                + "echo \"stopped: $(grep -l '^State:.[tT]' /proc/[0-9]*/task/*/status 2>/dev/null | wc -l)\"\n"
                + "sleep 1; kill -INT $agent; wait $agent || exit 4\ncat agent.log\n");
        assertThat(printed).contains("not well: 0", "stopped: 0", " dropped=0 waiting=0", "dropped=0 ns_per_frame");
        assertThat(number("seen", printed)).isEqualTo(400);
        assertThat(number("short_lived", printed)).isGreaterThanOrEqualTo(300);
    }

    private String run(String script) throws Exception {
        String printed = PidNamespace.run(directory, script);
        System.out.print(printed);
        return printed;
    }

    private Set<String> pidsWith(String function, String file) throws Exception {
        String traces = Tool.output(
                "go", "tool", "pprof", "-traces", directory.resolve(file).toString());
        Set<String> pids = new TreeSet<>();
        for (String trace : traces.split("-----------\\+", -1)) {
            Matcher pid = Pattern.compile("pid: *(\\d+)").matcher(trace);
            if (trace.contains(function) && pid.find()) {
                pids.add(pid.group(1));
            }
        }
        return pids;
    }

    private static String pid(String printed, String name) {
        Matcher line = Pattern.compile("pid (\\d+) " + name + "\n").matcher(printed);
        assertThat(line.find()).as(name).isTrue();
        return line.group(1);
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
