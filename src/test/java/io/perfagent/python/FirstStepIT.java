package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Command;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Injection;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.python.inject.StopClock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an agent leaves that is killed when the trampoline has been set up, and before it is on. */
final class FirstStepIT {
    private final Architecture architecture = HostArchitecture.current();

    /** A number that the program closes and opens anew would be closed in each child that it forks. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void leavesNoDescriptorAndTheNextRunGoesOn(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "napping");
                PythonActivator activator = new PythonActivator()) {
            if (activator.inspect(target.pid()) instanceof Verdict.Refused(InjectRefusal reason, String _)) {
                assertThat(reason).isEqualTo(InjectRefusal.FORK_UNSAFE);
                return;
            }
            Interpreter interpreter = Detection.find(target.pid(), architecture);
            TracingThread.call(() -> firstStep(interpreter));
            expectNoMapOpen(target.pid());
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            target.awaitActive(true);
            target.expectProgress();
            assertThat(target.mapEntries()).isPositive();
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            expectNoMapOpen(target.pid());
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    private Injection.Answer firstStep(Interpreter interpreter) throws IOException, RefusedException {
        try (Injection injection = Injection.open(interpreter, architecture, new StopClock())) {
            injection.nameMap();
            return injection.run(Command.ACTIVATE);
        }
    }

    private static void expectNoMapOpen(int pid) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                assertThat(Files.readSymbolicLink(descriptor).toString()).doesNotContain("perf-");
            }
        }
    }
}
