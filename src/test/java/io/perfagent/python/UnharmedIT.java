package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * B3: programs that an open map, a thread of another interpreter or memory that is not to be had are a trap in. Each says itself when
 * something is wrong.
 */
final class UnharmedIT {
    /** Of all builds that a fork does not crash. */
    static Stream<String> builds(TestInfo test) {
        return TestInterpreters.switchable(test);
    }

    static Stream<Arguments> buildsWithGuests(TestInfo test) {
        return builds(test).flatMap(python -> Stream.of("housing", "lodging").map(mode -> Arguments.of(python, mode)));
    }

    /** In its children, between two runs and amid one. */
    @ParameterizedTest
    @MethodSource("builds")
    void noLineOfAMapLandsInAFileOfTheTarget(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "closing");
                PythonActivator activator = new PythonActivator()) {
            for (int run = 0; run < 2; run++) {
                assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
                target.awaitActive(true);
                long named = target.mapEntries();
                closeDescriptors(target);
                assertThat(target.mapEntries()).as("names after that").isGreaterThan(named);
                assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
                target.awaitActive(false);
                closeDescriptors(target);
            }
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    /** It had opened its map by itself: that cannot be closed any more, and is not. */
    @ParameterizedTest
    @MethodSource("builds")
    void aMapWhoseDescriptorLeadsElsewhereIsLeftAlone(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "detaching", "-X", "perf");
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            closeDescriptors(target);
            assertThat(activator.activate(target.pid()))
                    .isInstanceOfSatisfying(
                            ActivationResult.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(InjectRefusal.MAP_DESCRIPTOR));
            target.expectProgress();
            target.awaitActive(false);
            target.exitCleanly();
        }
    }

    @ParameterizedTest
    @MethodSource("buildsWithGuests")
    void threadsOfSubinterpretersAreNotBorrowed(String python, String mode) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, mode);
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            target.awaitActive(true);
            assertThat(target.mapEntries()).isPositive();
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    /** And nothing is printed by the target: its standard error comes with its reports. */
    @ParameterizedTest
    @MethodSource("builds")
    void memoryThatTheKernelDoesNotGiveIsNotAskedFor(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "hardened");
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid()))
                    .isInstanceOfSatisfying(
                            ActivationResult.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(InjectRefusal.NO_EXECUTABLE_MEMORY));
            target.expectProgress();
            target.awaitActive(false);
            assertThat(activator.deactivate(target.pid())).isEqualTo(new DeactivationResult.AlreadyOff());
            target.exitCleanly();
        }
    }

    private static void closeDescriptors(PythonTarget target) throws IOException, InterruptedException {
        Tool.output("kill", "-USR1", Integer.toString(target.pid()));
        target.expectProgress();
    }
}
