package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;
import io.perfagent.python.inject.StopClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R3, R5, R7: on, names, off, as the target itself sees it. */
final class ActivationIT {
    /** About as long as a call of the program that computes, four of which run at a time. */
    private static final Duration A_CALL = Duration.ofSeconds(1);

    static Stream<Arguments> everywhere(TestInfo test) {
        Stream<Arguments> basic = TestInterpreters.all(test)
                .flatMap(python -> Stream.of("napping", "busy").map(mode -> Arguments.of(python, mode)));
        Stream<Arguments> more = Stream.of(
                        "joining",
                        "serving",
                        "interrupted",
                        "opening",
                        "allocating",
                        "collecting",
                        "loading",
                        "reading")
                .flatMap(mode -> TestInterpreters.inTurnFor(mode).map(python -> Arguments.of(python, mode)));
        return Stream.concat(basic, more);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void r3NamesAppearAndTheTargetGoesOnUnharmed(String python, String mode) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, mode);
                PythonActivator activator = new PythonActivator()) {
            if (activator.inspect(target.pid()) instanceof Verdict.Refused(InjectRefusal reason, String _)) {
                assertThat(reason).isEqualTo(InjectRefusal.FORK_UNSAFE);
                return;
            }
            assertThat(activator.activate(target.pid()))
                    .isInstanceOfSatisfying(ActivationResult.Activated.class, on -> expectRoute(mode, on.route()));
            target.awaitActive(true);
            target.expectProgress();
            target.awaitNames();
            target.expectUntouched();
            assertThat(activator.activate(target.pid())).isEqualTo(new ActivationResult.AlreadyOn());
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            assertThat(activator.deactivate(target.pid())).isEqualTo(new DeactivationResult.AlreadyOff());
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    static Stream<String> withParkingLot(TestInfo test) {
        return TestInterpreters.suitedInTurn(python -> !python.contains("3.12"), test);
    }

    /** A thread that has the GIL although no thread state is current; to borrow it would be to wait for itself. */
    @ParameterizedTest
    @MethodSource("withParkingLot")
    void aThreadThatDeletesItsStateIsNotBorrowed(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "deleting");
                PythonActivator activator = new PythonActivator()) {
            for (int time = 0; time < 3; time++) {
                assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
                target.expectProgress();
                assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            }
            target.expectProgress();
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    /** Nothing is forced: the GIL is held for seconds by code that is no safe place. */
    @Test
    void aLongCallInCIsServedOrRefused(TestInfo test) throws Exception {
        try (ExecutorService beside = Executors.newCachedThreadPool()) {
            List<Future<?>> runs = new ArrayList<>();
            TestInterpreters.inTurn(test)
                    .forEach(python -> runs.add(beside.submit(() -> expectServedOrRefused(python))));
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }

    private static @Nullable Void expectServedOrRefused(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "computing");
                PythonActivator activator = new PythonActivator(HostArchitecture.current(), new StopClock(A_CALL))) {
            if (activator.activate(target.pid()) instanceof ActivationResult.Refused refused) {
                assertThat(refused.reason()).isEqualTo(InjectRefusal.TIMEOUT);
            } else {
                assertThat(activator.deactivate(target.pid())).isNotInstanceOf(DeactivationResult.ProcessGone.class);
            }
            target.expectProgress();
            target.expectUntouched();
            target.exitCleanly();
        }
        return null;
    }

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#some")
    void r11StartedWithItOn(String python) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "napping", "-X", "perf");
                PythonActivator activator = new PythonActivator()) {
            assertThat(activator.activate(target.pid())).isEqualTo(new ActivationResult.AlreadyOn());
            assertThat(activator.deactivate(target.pid())).isInstanceOf(DeactivationResult.Deactivated.class);
            target.awaitActive(false);
            assertThat(activator.activate(target.pid())).isInstanceOf(ActivationResult.Activated.class);
            target.awaitActive(true);
            target.exitCleanly();
        }
    }

    @Test
    void r14TheTargetIsGone() throws Exception {
        int pid;
        try (PythonTarget target = PythonTarget.start(TestInterpreters.first(), "napping")) {
            pid = target.pid();
            target.exitCleanly();
        }
        try (PythonActivator activator = new PythonActivator()) {
            assertThat(activator.deactivate(pid)).isEqualTo(new DeactivationResult.ProcessGone());
            assertThat(activator.activate(pid)).isInstanceOfSatisfying(ActivationResult.Refused.class, refused -> {
                assertThat(refused.reason()).isEqualTo(InjectRefusal.PROCESS_GONE);
            });
        }
    }

    @Test
    void r8NotPython() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try (PythonActivator activator = new PythonActivator()) {
            assertThat(activator.inspect((int) sleep.pid())).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
                assertThat(refused.reason()).isEqualTo(InjectRefusal.NOT_PYTHON);
            });
        } finally {
            sleep.destroyForcibly();
        }
    }

    /**
     * A thread that never blocks cannot be borrowed; one that waits for a file to be opened is not, and queues nothing: its worker does,
     * or is asked to make a safe place if it is not met in one soon.
     */
    private static void expectRoute(String mode, Route route) {
        switch (mode) {
            case "busy" -> assertThat(route).isNotEqualTo(Route.PARKED_THREAD);
            case "opening" -> assertThat(route).isIn(Route.PENDING_CALL, Route.REMOTE_DEBUGGING);
            default -> assertThat(route).isNotNull();
        }
    }
}
