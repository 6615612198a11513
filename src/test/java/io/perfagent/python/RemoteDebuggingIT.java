package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Injection;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.python.inject.Route;
import io.perfagent.python.inject.StopClock;
import io.perfagent.python.inject.x86_64.X86Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * PEP 768: one thread, which never waits, in an interpreter whose evaluation loop is not recognised, as that of a build with tail
 * calls is not.
 */
final class RemoteDebuggingIT {
    private static final Duration USUAL = Duration.ofSeconds(5);
    /** Longer than what makes a switch less choosy. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static boolean hasRemoteDebugging(String python) {
        return python.contains("3.14") || python.contains("3.15");
    }

    static Stream<String> withIt(TestInfo test) {
        return TestInterpreters.suitedInTurn(RemoteDebuggingIT::hasRemoteDebugging, test);
    }

    static Stream<String> withoutIt(TestInfo test) {
        return TestInterpreters.suitedInTurn(python -> !hasRemoteDebugging(python), test);
    }

    @ParameterizedTest
    @MethodSource("withIt")
    void aRunningThreadIsAskedToStartOneThatCanBeBorrowed(String python) throws Exception {
        askToStartOne(python, "crunching");
    }

    /** The newest of all comes first in their list. */
    @ParameterizedTest
    @MethodSource("withIt")
    void theMainInterpretersThreadIsAskedWhereThereAreOthers(String python) throws Exception {
        askToStartOne(python, "entertaining");
    }

    private static void askToStartOne(String python, String mode) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, mode)) {
            for (boolean on : new boolean[] {true, false, true, false}) {
                switchByAThreadThatWasAsked(target, on);
            }
            assertThat(Path.of("/proc/" + target.pid() + "/root/tmp/perf-agent-" + target.pid() + ".py"))
                    .doesNotExist();
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    /** Now and then the main thread is met between two of its long calls, where it can be given the work itself: then the other way comes first. */
    private static void switchByAThreadThatWasAsked(PythonTarget target, boolean on) throws Exception {
        Route route = switchedTo(target, on);
        for (int tries = 1; route != Route.REMOTE_DEBUGGING && tries < 10; tries++) {
            assertThat(route).isEqualTo(Route.MAIN_PENDING_CALL);
            switchedTo(target, !on);
            route = switchedTo(target, on);
        }
        assertThat(route).isEqualTo(Route.REMOTE_DEBUGGING);
    }

    private static Route switchedTo(PythonTarget target, boolean on) throws Exception {
        Route route = switched(target, on, USUAL);
        target.awaitActive(on);
        awaitOneThread(target);
        return route;
    }

    @ParameterizedTest
    @MethodSource("withIt")
    void switchedOffIsRefused(String python) throws Exception {
        expectNoOtherWay(python, "-X", "disable-remote-debug");
    }

    @ParameterizedTest
    @MethodSource("withoutIt")
    void olderVersionsAreRefused(String python) throws Exception {
        expectNoOtherWay(python);
    }

    /** It may be met where it writes its report. */
    private static void expectNoOtherWay(String python, String... options) throws Exception {
        try (PythonTarget target = PythonTarget.start(python, "crunching", options)) {
            try {
                assertThat(switched(target, true, PATIENCE)).isEqualTo(Route.MAIN_PENDING_CALL);
            } catch (RefusedException e) {
                assertThat(e.refusal()).isEqualTo(InjectRefusal.TIMEOUT);
                assertThat(e).hasMessageContaining("no safe moment within 2 s: met in ");
            }
            target.expectProgress();
            target.expectUntouched();
            target.exitCleanly();
        }
    }

    private static Route switched(PythonTarget target, boolean on, Duration patience)
            throws IOException, RefusedException {
        Architecture architecture = new X86Architecture();
        Interpreter found = Detection.find(target.pid(), architecture);
        Interpreter unrecognised = new Interpreter(
                found.pid(),
                found.startTime(),
                found.file(),
                found.version(),
                found.calls(),
                found.threadLists(),
                List.of(),
                found.runtime(),
                found.jit());
        return TracingThread.call(() -> {
            try (Injection injection = Injection.open(unrecognised, architecture, new StopClock(patience))) {
                Switch onOrOff = new Switch(unrecognised, injection, architecture, ActivationGates.all());
                return on
                        ? ((ActivationResult.Activated) onOrOff.on()).route()
                        : ((DeactivationResult.Deactivated) onOrOff.off()).route();
            }
        });
    }

    private static void awaitOneThread(PythonTarget target) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!ProcStatus.read(target.pid()).field("Threads").equals("1")) {
            assertThat(System.nanoTime()).as("threads are left").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
