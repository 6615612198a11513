package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --event}: of programs that know how many events each of their functions has. */
class SampledEventsIT {
    private static final String EVENTS =
            Path.of("target", "workloads", "events").toAbsolutePath().toString();
    private static final String OPENS =
            Path.of("src", "test", "workloads", "opens.py").toAbsolutePath().toString();
    private static final Path TRACEFS = Path.of("/sys/kernel/tracing");

    @TempDir
    private Path directory;

    @Test
    void pagesByFunction() throws Exception {
        String said = run(List.of(EVENTS, "pages", "3000", "500"), "--event", "minor-faults");
        assertThat(said).contains("a sample for each of its minor-faults", "lost: nothing");
        assertThat(samples("touch_many")).isEqualTo(3000);
        assertThat(samples("touch_few")).isEqualTo(500);
        assertThat(Pprof.output(directory, "-sample_index=minor-faults", "-peek", "touch_few$", "app.pb.gz"))
                .contains("Type: minor-faults")
                .containsPattern("500 .*\\| touch_few");
        assertThat(Tool.output(List.of("perf", "script", "-i", "app.perf.data", "-F", "event,period"), directory))
                .contains("1 minor-faults:");
    }

    /** Each sample stands for a hundred of them; a few pages may be touched twice, for the kernel takes back what it needs. */
    @Test
    void someOfManyPages() throws Exception {
        run(List.of(EVENTS, "pages", "30000", "5000"), "-e", "page-faults", "-c", "100");
        assertThat(samples("touch_many")).isBetween(150L, 320L);
        assertThat(Pprof.output(directory, "-sample_index=page-faults", "-traces", "app.pb.gz"))
                .containsPattern("(?m)^ +\\d+00 +touch");
        try (InputStream firefox =
                new GZIPInputStream(Files.newInputStream(directory.resolve("app.firefox.json.gz")))) {
            assertThat(new String(firefox.readAllBytes(), StandardCharsets.UTF_8))
                    .containsPattern("\"weight\": ?\\[100,")
                    .doesNotContain("\"threadCPUDelta\":[");
        }
    }

    /** More than a processor may take in a second are counted, and told of. */
    @Test
    @Tag("long")
    void moreThanCanBeTaken() throws Exception {
        String said = run(List.of(EVENTS, "pages", "120000", "1"), "--event", "page-faults");
        long taken = samples("touch_many");
        assertThat(taken).isLessThan(120_000);
        assertThat(said).containsPattern("missed: \\d{4,6} samples were not taken");
        long left = Long.parseLong(said.replaceFirst("(?s).*missed: (\\d+) samples were not taken.*", "$1"));
        assertThat(taken + left).isBetween(120_000L, 120_050L);
    }

    @Test
    void switchesByFunction() throws Exception {
        run(List.of(EVENTS, "files", "1", "1"), "--event", "context-switches");
        assertThat(samples("main")).as("it waits for a signal, then for ever").isPositive();
    }

    @Test
    void filesByFunction() throws Exception {
        mountTracefs();
        run(List.of(EVENTS, "files", "2000", "300"), "--event", "syscalls:sys_enter_openat");
        assertThat(samples("open_many")).isEqualTo(2000);
        assertThat(samples("open_few")).isEqualTo(300);
    }

    @Test
    void filesByFunctionOfPython() throws Exception {
        mountTracefs();
        Interpreter interpreter = Interpreter.oneOfEachVersion().getFirst();
        run(List.of(interpreter.command().toString(), OPENS), "--event", "syscalls:sys_enter_openat");
        assertThat(samples("open_many")).isEqualTo(300);
        assertThat(samples("open_few")).isEqualTo(70);
    }

    @Test
    void whatThereIsNot() throws Exception {
        mountTracefs();
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(EVENTS, "files", "1", "1"))) {
            Process run = Agent.start(
                    directory, "--pid", Integer.toString(target.pid()), "--event", "syscalls:sys_enter_nothing");
            assertThat(new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("perf-agent: --event syscalls:sys_enter_nothing: the kernel has no tracepoint"
                            + " syscalls:sys_enter_nothing: /sys/kernel/tracing/events has those that there are\n");
            assertThat(run.waitFor()).isEqualTo(1);
        }
    }

    /** By hand: perf-agent itself mounts nothing. */
    private static void mountTracefs() throws Exception {
        if (!Files.isDirectory(TRACEFS.resolve("events"))) {
            String _ = Tool.output("mount", "-t", "tracefs", "tracefs", TRACEFS.toString());
        }
    }

    /** Samples from before the program begins until it is done; what the run says. */
    private String run(List<String> program, String... options) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), program)) {
            List<String> arguments =
                    new ArrayList<>(List.of("--pid", Integer.toString(target.pid()), "--duration", "1h"));
            for (String file : List.of("app.folded", "app.pb.gz", "app.perf.data", "app.firefox.json.gz", "app.html")) {
                arguments.addAll(List.of("-o", file));
            }
            arguments.addAll(List.of(options));
            Process run = Agent.start(directory, arguments.toArray(String[]::new));
            String said = Agent.saidUntil(run, "profiling ");
            Agent.awaitSampling(run);
            assertThat(target.report()).isEqualTo("done");
            return said + Agent.saidWhenEnded(run);
        }
    }

    private long samples(String function) throws IOException {
        long samples = 0;
        for (String line : Files.readAllLines(directory.resolve("app.folded"))) {
            if (line.matches(".*[;:.]" + function + "[; ].*")) {
                samples += Long.parseLong(line.replaceFirst(".* ", ""));
            }
        }
        return samples;
    }
}
