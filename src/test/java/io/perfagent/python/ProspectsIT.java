package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.inject.InjectRefusal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** R8, R10, R11: what is seen from outside is what the target itself says, on every interpreter. */
final class ProspectsIT {
    private final PythonInspector inspector = new PythonInspector();

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void offOnAndOffAgain(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "napping");
                PythonActivator activator = new PythonActivator()) {
            if (activator.inspect(target.pid()) instanceof Verdict.Refused(InjectRefusal reason, String _)) {
                assertThat(reason).isEqualTo(InjectRefusal.FORK_UNSAFE);
                return;
            }
            expect(target, TrampolineState.OFF, false);
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            target.awaitActive(true);
            expect(target, TrampolineState.ON, true);
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            expect(target, TrampolineState.OFF, true);
        }
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void r11StartedWithItOn(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "napping", "-X", "perf")) {
            if (inspector.inspect(target.pid()).verdict() instanceof Verdict.Refused(InjectRefusal reason, String _)) {
                assertThat(reason).isEqualTo(InjectRefusal.FORK_UNSAFE);
                return;
            }
            target.awaitActive(true);
            expect(target, TrampolineState.ON, false);
        }
    }

    private void expect(PythonTarget target, TrampolineState trampoline, boolean onRecord) {
        assertThat(inspector.inspect(target.pid()).verdict())
                .isInstanceOfSatisfying(Verdict.Candidate.class, candidate -> {
                    assertThat(candidate.outlook().trampoline()).isEqualTo(trampoline);
                    assertThat(candidate.outlook().onRecord()).isEqualTo(onRecord);
                });
    }
}
