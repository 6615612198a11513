package io.perfagent.python.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.process.LiveProcess;
import io.perfagent.report.Log;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The sums of a run: what was switched on was switched off, had gone, or could not be. */
final class PythonTargetsIT {
    private static final String PYTHON =
            Interpreter.oneOfEachVersion().getFirst().command().toString();
    private static final String CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath().toString();

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(written, true, StandardCharsets.UTF_8));
    private Runnable beforeStops = () -> {};

    /** One had ended before the other was switched off, the other ends in the moment before it is stopped for that. */
    @Test
    void whatEndsBeforeItIsSwitchedOffIsCountedAsGone() throws Exception {
        try (TargetProgram first = start();
                TargetProgram second = start();
                TargetProgram third = start()) {
            List<Integer> pids = List.of(first.pid(), second.pid(), third.pid());
            try (PythonTargets targets = new PythonTargets(request(pids), log)) {
                targets.activate(live(pids), () -> {}, () -> beforeStops.run());
                end(first);
                beforeStops = () -> end(second);
                targets.deactivate();
                targets.summary();
            }
            assertThat(written.toString(StandardCharsets.UTF_8))
                    .contains("activated=3 skipped=0 failed=0 deactivated=1 gone=2")
                    .contains("python deactivate pid=" + first.pid() + " reason=process_gone")
                    .contains("python deactivate pid=" + second.pid() + " reason=process_gone");
        }
    }

    private static TargetProgram start() throws Exception {
        return TargetProgram.start(Map.of(), List.of(PYTHON, CHAIN));
    }

    private static void end(TargetProgram target) {
        ProcessHandle.of(target.pid()).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    private static List<LiveProcess> live(List<Integer> pids) throws Exception {
        return List.of(LiveProcess.of(pids.get(0)), LiveProcess.of(pids.get(1)), LiveProcess.of(pids.get(2)));
    }

    private static ProfileRequest request(List<Integer> pids) {
        return new ProfileRequest(
                pids, false, false, Duration.ofSeconds(1), 99, UnwindMode.AUTO, true, false, null, List.of());
    }
}
