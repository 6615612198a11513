package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** R10 and B3: again and again, and whatever becomes of the agent. */
final class EnduranceIT {
    private static final int CYCLES = 30;
    private static final int INTERRUPTIONS = 50;
    private static final int KILLS = 10;

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#some")
    void r10CyclesByFreshAgentsWhileCodeObjectsDie(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "churning")) {
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                switchOn(target);
                switchOff(target);
            }
            target.expectProgress();
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    @Test
    void b3ANumericLoopComputesTheSame() throws Exception {
        try (PythonTarget target = PythonTarget.start(TestInterpreters.first(), "busy")) {
            for (int count = 0; count < INTERRUPTIONS; count += 2) {
                switchOn(target);
                switchOff(target);
            }
            target.expectProgress();
            target.exitCleanly();
        }
    }

    @Test
    void b3TheAgentIsKilledAtAnyMoment() throws Exception {
        Random random = new Random(20_26);
        try (PythonTarget napping = PythonTarget.start(TestInterpreters.first(), "napping");
                PythonTarget busy = PythonTarget.start(TestInterpreters.first(), "busy")) {
            for (int kill = 0; kill < KILLS; kill++) {
                PythonTarget target = kill % 2 == 0 ? napping : busy;
                killAfter(target, random.nextInt(60_000));
                target.expectProgress();
                target.expectUntouched();
            }
            for (PythonTarget target : new PythonTarget[] {napping, busy}) {
                try (PythonActivator activator = new PythonActivator()) {
                    assertThat(activator.deactivate(target.pid())).isNotInstanceOf(DeactivationResult.Failed.class);
                }
                target.awaitActive(false);
                switchOn(target);
                switchOff(target);
                target.exitCleanly();
            }
        }
    }

    private static void switchOn(PythonTarget target) {
        try (PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
        }
    }

    private static void switchOff(PythonTarget target) {
        try (PythonActivator activator = new PythonActivator()) {
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
        }
    }

    /** Another virtual machine switches the target on and off without pause, and gets a SIGKILL in the middle of it. */
    private static void killAfter(PythonTarget target, int micros) throws IOException, InterruptedException {
        Process agent = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SwitchingAgent.class.getName(),
                        Integer.toString(target.pid()))
                .redirectErrorStream(true)
                .start();
        assertThat(agent.getInputStream().read()).isEqualTo('!');
        TimeUnit.MICROSECONDS.sleep(micros);
        agent.destroyForcibly();
        agent.waitFor();
    }
}
