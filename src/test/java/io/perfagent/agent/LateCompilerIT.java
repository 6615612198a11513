package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A compiler that a target starts during a run. Nearly all of PHP's samples begin in what it has compiled, in memory that became executable without an
 * event, and in the interpreter's frame, of which only the table of PHP's own program tells: which no sample has asked for that has not left that code.
 */
class LateCompilerIT {
    private static final Path PROGRAM = Path.of("src/test/workloads/runtimes/chain.php");
    private static final int SAMPLES = 3000;

    @ParameterizedTest
    @ValueSource(strings = {"function", "tracing"})
    void firstStacksAreWhole(String compiler) throws Exception {
        String php = "php -dopcache.enable_cli=1 -dopcache.jit_buffer_size=64M -dopcache.jit=" + compiler;
        String starter = "trap '" + php + " " + PROGRAM + " & echo $!' USR1; echo ready; while :; do sleep 0.05; done";
        try (TargetProgram parent = TargetProgram.start(Map.of(), List.of("bash", "-c", starter))) {
            ProfiledRun run = ProfiledRun.during(parent.pid(), samples -> {
                Tool.output("kill", "-USR1", Integer.toString(parent.pid()));
                String child = parent.nextLine();
                assertThat(parent.nextLine()).isEqualTo("ready");
                ProfiledRun.await(samples, SAMPLES);
                Tool.output("kill", child);
            });
            System.out.printf("PHP that begins late, %s: %s%n", compiler, run.reasons());
            run.expectComplete(0.97);
        }
    }
}
