package io.perfagent.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.PidNamespace;
import io.perfagent.testing.Pprof;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each command of the documents that calls perf-agent or pprof, typed into a shell in a PID namespace in which a service runs. A second stands for any
 * duration, the service for PIDs and names, and a table for what would be drawn in a browser; all else is as it is written.
 */
@Timeout(1800) // as long as it takes on a machine that does much else
class DocumentedCommandsCheck {
    /** What cannot be typed here: why, and what runs it. */
    private static final Map<Pattern, String> ELSEWHERE = new LinkedHashMap<>();

    static {
        elsewhere("--push ", "needs a store: StoresCheck");
        elsewhere("^setpriv --reuid=profiler", "needs a user of that name: UnprivilegedIT");
        elsewhere("^perf-agent off ", "needs a trampoline that is left on: OffIT");
        elsewhere("^perf-agent (top:|\\d)", "is what is said, not typed");
    }

    private static final String UNTIL_TOLD_TO_END = "timeout --preserve-status --signal TERM 10 ";

    private static final String PROLOGUE = """
            export PATH="$PWD/bin:$PATH"
            python3 gunicorn >ready &
            export service=$!
            until grep -q ready ready; do sleep 0.1; done
            make() { "$@" >made 2>&1 || { cat made; exit 1; }; }
            make perf-agent --pid $service --duration 2s -o gunicorn.pb.gz
            make perf-agent --pid $service --duration 2s --off-cpu --wakers -o service-off-cpu.pb.gz
            make perf-agent --pid $service --duration 2s --wall -o service-wall.pb.gz
            for name in profile before after heap shop1-20261129T192547Z-on-cpu; do cp gunicorn.pb.gz $name.pb.gz; done
            """;

    @TempDir
    private Path folder;

    private static void elsewhere(String commands, String why) {
        ELSEWHERE.put(Pattern.compile(commands), why);
    }

    @Test
    void eachDoesWhatItSays() throws Exception {
        List<DocumentedCommand> commands = new ArrayList<>();
        for (DocumentedCommand command : DocumentedCommand.all()) {
            if (ELSEWHERE.keySet().stream()
                    .noneMatch(pattern -> pattern.matcher(command.text()).find())) {
                commands.add(command);
            }
        }
        assertThat(commands).hasSizeGreaterThan(50);
        prepare();
        String printed = PidNamespace.run(folder, script(commands));
        System.out.print(printed);
        for (int at = 0; at < commands.size(); at++) {
            DocumentedCommand command = commands.get(at);
            String said = Files.readString(folder.resolve("said-" + at));
            assertThat(printed).as(command + "\n" + said).contains("command " + at + " status 0\n");
        }
    }

    /** An exception that is none any more would hide what comes later. */
    @Test
    void eachExceptionIsInTheDocuments() throws Exception {
        List<DocumentedCommand> all = DocumentedCommand.all();
        ELSEWHERE.forEach((pattern, why) -> assertThat(all)
                .as(why)
                .anyMatch(command -> pattern.matcher(command.text()).find()));
    }

    private void prepare() throws Exception {
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Files.copy(Path.of("src", "test", "workloads", "shop.py"), folder.resolve("gunicorn"));
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        program(bin.resolve("python3"), "exec " + python + " \"$@\"");
        program(bin.resolve("perf-agent"), "exec " + PidNamespace.agent() + " \"$@\"");
        program(bin.resolve("go"), "shift 2; exec '" + Pprof.command().getFirst() + "' \"$@\"");
        program(bin.resolve("flamegraph.pl"), "grep -q py::"); // stacks, folded
        program(bin.resolve("ssh"), "shift; exec sh -c \"$*\"");
        program(bin.resolve("curl"), "exec cat heap.pb.gz"); // a Go program with net/http/pprof
    }

    private static void program(Path file, String text) throws Exception {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String script(List<DocumentedCommand> commands) {
        StringBuilder script = new StringBuilder(PROLOGUE);
        for (int at = 0; at < commands.size(); at++) {
            script.append("( ")
                    .append(here(commands.get(at).text(), at))
                    .append(" ) >said-")
                    .append(at)
                    .append(" 2>&1 </dev/null; echo \"command ")
                    .append(at)
                    .append(" status $?\"\n");
        }
        return script.append("kill $service\n").toString();
    }

    /** The command for this service and a short time. */
    private static String here(String text, int at) {
        String here = text.replace("./perf-agent", "perf-agent")
                .replace("$(pgrep -f gunicorn)", "$service")
                .replaceAll("\\b4711\\b", "\\$service")
                .replace("-http :8080", "-top")
                .replace("/var/lib/perf-agent/", "")
                .replaceAll("--duration \\d+s?", "--duration 1s");
        if (here.startsWith("perf-agent run")) {
            return here + " --directory \"$PWD/run\" & run=$!; until grep -q '^profiling ' said-" + at
                    + "; do sleep 0.2; done; kill $run; wait $run";
        }
        if (here.startsWith("perf-agent top")) {
            return "script --quiet --return --command '" + UNTIL_TOLD_TO_END + here + "' /dev/null";
        }
        boolean profiles = here.matches("perf-agent (--?[a-z]).*") && !here.contains("--version");
        return profiles && !here.contains("--duration")
                ? here.replaceFirst("perf-agent", "perf-agent --duration 1s")
                : here;
    }
}
