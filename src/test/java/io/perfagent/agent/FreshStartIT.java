package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Budget;
import io.perfagent.model.Event;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.Interval;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A run over the whole machine knows no process when it begins: the first samples of each meet code that nothing is known of. Their
 * stacks are whole all the same, those of programs that ran before and those of programs that start meanwhile.
 */
class FreshStartIT {
    private static final int RATE = 99;
    private static final int LOOKS = 32;
    private static final int LATE = 4;
    private static final long PAUSE_MILLIS = 250;
    private static final Path NATIVE = Path.of("target", "workloads").toAbsolutePath();
    private static final Path SCRIPTS = Path.of("src", "test", "workloads").toAbsolutePath();

    private final List<TargetProgram> programs = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (TargetProgram program : programs) {
            program.close();
        }
    }

    @Test
    @Tag("long")
    void firstSamplesAreWhole() throws Exception {
        Interpreter oldest = Interpreter.oneOfEachVersion().getFirst();
        Interpreter newest = Interpreter.oneOfEachVersion().getLast();
        startPython(oldest, "chain.py");
        startNative("chain");
        try (Sampling sampling = Sampling.load(request(), List.of(), Budget.ofHeap(), UnaryOperator.identity())) {
            sampling.start();
            for (int look = 0; look < LOOKS; look++) {
                if (look == LATE) {
                    startPython(newest, "chain.py");
                    startPython(oldest, "deep.py", "600", "60");
                    startNative("signals");
                    startNative("plt");
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
                sampling.check();
            }
            sampling.stop();
            check(sampling);
        }
    }

    private void check(Sampling sampling) throws Exception {
        Map<Integer, Completeness> byPid = new HashMap<>();
        Cut cut = sampling.cut().cut();
        Interval interval = cut.interval();
        interval.forEach(stack -> byPid.computeIfAbsent(stack.pid(), _ -> new Completeness())
                .add(stack.end(), stack.guessed(), stack.count()));
        RewalkCounters walks = cut.rewalked();
        System.out.printf(
                "fresh start: the machine: %s; walked on in user space %d, whole %d; left out %d + %d%n",
                interval.completeness().line(),
                walks.walked(),
                walks.completed(),
                cut.counters(Event.CPU_CLOCK).copiesLeftOut(),
                interval.withoutMemory(Event.CPU_CLOCK));
        Completeness ours = new Completeness();
        for (TargetProgram program : programs) {
            Completeness one = byPid.getOrDefault(program.pid(), new Completeness());
            System.out.println("fresh start: process " + program.pid() + ": " + one.line() + one.cuts());
            assertThat(one.samples()).as("samples of " + program.pid()).isGreaterThan(20);
            assertThat(one.samples(WalkEnd.NO_PROCESS))
                    .as("of a process that is not known")
                    .isZero();
            for (WalkEnd end : WalkEnd.values()) {
                ours.add(end, false, one.samples(end));
            }
        }
        System.out.println("fresh start: all of them: " + ours.line() + ours.cuts());
        assertThat(walks.completed()).as("completed in user space").isPositive();
        assertThat(ours.share()).as(ours.line() + ours.cuts()).isGreaterThanOrEqualTo(0.995);
    }

    private static ProfileRequest request() {
        return new ProfileRequest(
                List.of(), true, true, Duration.ofMinutes(1), RATE, UnwindMode.AUTO, false, false, null, List.of());
    }

    private void startPython(Interpreter python, String script, String... arguments) throws Exception {
        programs.add(TargetProgram.start(Map.of(), python.named(SCRIPTS.resolve(script), arguments)));
    }

    private void startNative(String program) throws Exception {
        programs.add(
                TargetProgram.start(Map.of(), List.of(NATIVE.resolve(program).toString())));
    }
}
