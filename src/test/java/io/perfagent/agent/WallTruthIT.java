package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Written;
import io.perfagent.report.Log;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All time of threads against what programs know of their own. */
class WallTruthIT {
    private static final Path WORKLOADS = Path.of("target", "workloads").toAbsolutePath();
    private static final Duration THRESHOLD = Duration.ofMillis(1);
    private static final double TICK = 1e9 / ProfiledRun.RATE;
    private static final int STANDARD_ERRORS = 4;
    private static final double TOLERANCE = 0.02;
    /** Of the wall clock. */
    private static final double SUM_TOLERANCE = 0.01;
    /** Of an interval so short that who is to cut it may have to wait for a CPU as long; a wait that is not cut would be in none, or in one whole. */
    private static final double SHORT_TOLERANCE = 0.3;
    /** From a wake-up to the switch, which a thread's own clock takes for time on the CPU (waits.c), and of the switch, in which no sample falls. */
    private static final long SWITCH_NANOS = 30_000;
    /** In which the stack of a wait is taken: by the switches it is the thread's time, by the thread's own clock it may be nobody's. */
    private static final long INTERRUPT_NANOS = 40_000;

    private static final Map<String, ThreadState> STATES = Map.of(
            "long_sleeps", ThreadState.SLEEP,
            "short_sleeps", ThreadState.SLEEP,
            "polls", ThreadState.POLL,
            "wants_lock", ThreadState.LOCK,
            "reads_pipe", ThreadState.IO,
            "competes", ThreadState.RUNQUEUE);

    private record Truth(long off, long waits, long on) {}

    @ParameterizedTest(name = "wakers: {0}")
    @ValueSource(booleans = {false, true})
    void eachThreadsTimeAddsUpAndEachFunctionsIsWhatItWas(boolean wakers) throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(WORKLOADS.resolve("waits").toString()))) {
            Map<String, Truth> truth = new HashMap<>();
            ProfiledRun run = ProfiledRun.ofWall(target.pid(), THRESHOLD, wakers, samples -> {
                ProfiledRun.await(samples, 1);
                Tool.output("kill", "-USR1", Integer.toString(target.pid()));
                for (String line = target.nextLine(); !line.equals("done"); line = target.nextLine()) {
                    String[] words = line.split(" ", -1);
                    truth.put(
                            words[0],
                            new Truth(Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])));
                }
            });
            System.out.println(run.log());
            Profile profile = run.profile();
            assertThat(profile.measure()).isEqualTo(Measure.WALL);
            truth.forEach((function, known) -> expect(profile, function, known));
            expectWallClock(profile, stack -> stack.tid() == target.pid());
            expectWallClock(profile, stack -> Names.of(stack).contains("never_ends"));
            assertThat(run.log()).contains("wall clock:", "by state:");
            assertThat(run.log().contains("who ended waits, by their share of")).isEqualTo(wakers);
        }
    }

    /** Threads too short for samples of their own: what one has and another has not evens out. */
    @Test
    void threadsThatBeginAndEndMeanwhileAreInTheSum() throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(WORKLOADS.resolve("lives").toString()))) {
            long[] lives = new long[3];
            ProfiledRun run = ProfiledRun.ofWall(target.pid(), THRESHOLD, false, samples -> {
                ProfiledRun.await(samples, 1);
                Tool.output("kill", "-USR1", Integer.toString(target.pid()));
                String[] words = target.nextLine().split(" ", -1);
                for (int i = 0; i < lives.length; i++) {
                    lives[i] = Long.parseLong(words[i + 1]);
                }
            });
            System.out.println(run.log());
            Profile profile = run.profile();
            Predicate<StackCount> born = stack -> stack.tid() != target.pid();
            System.out.printf(
                    "lives: %.4f s, true %.4f to %.4f s; running %.4f s, true %.4f s%n",
                    nanos(profile, born) / 1e9,
                    lives[0] / 1e9,
                    lives[1] / 1e9,
                    nanos(profile, born.and(WallTruthIT::running)) / 1e9,
                    lives[2] / 1e9);
            assertThat(nanos(profile, born)).isBetween((1 - SUM_TOLERANCE) * lives[0], (1 + SUM_TOLERANCE) * lives[1]);
            assertThat(nanos(
                            profile,
                            born.and(stack -> Names.of(stack).contains("runs")).and(WallTruthIT::running)))
                    .isBetween(
                            (1 - TOLERANCE) * lives[2] - error(lives[2], TICK),
                            (1 + TOLERANCE) * lives[2] + error(lives[2], TICK));
            expectWallClock(profile, stack -> stack.tid() == target.pid());
        }
    }

    /** A wait that goes on at a cut has its part in each interval. */
    @Test
    void eachIntervalHasItsOwnTime() throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(WORKLOADS.resolve("waits").toString()))) {
            Collected intervals = new Collected();
            ProfileRequest request =
                    ProfiledRun.wall(target.pid(), THRESHOLD, true, Duration.ofSeconds(4), Duration.ofSeconds(1));
            var _ = new ProfilingSession(
                            request,
                            StopSignal.manual(),
                            new Log(new PrintStream(OutputStream.nullOutputStream(), true)),
                            (_, _, _) -> intervals)
                    .run();
            assertThat(intervals.profiles).hasSizeBetween(2, 4);
            for (Profile profile : intervals.profiles) {
                double one = nanos(profile, stack -> stack.tid() == target.pid());
                double other = nanos(profile, stack -> stack.tid() != target.pid());
                double duration = profile.duration().toNanos();
                System.out.printf("%.4f s and %.4f s in %.4f s%n", one / 1e9, other / 1e9, duration / 1e9);
                assertThat(one).isBetween((1 - TOLERANCE) * other, (1 + TOLERANCE) * other);
                assertThat(one).isBetween((1 - SHORT_TOLERANCE) * duration, (1 + SHORT_TOLERANCE) * duration);
            }
        }
    }

    private static final class Collected implements Recipient {
        private final List<Profile> profiles = new ArrayList<>();

        @Override
        public void check() {}

        @Override
        public void opened() {}

        @Override
        public void begin() {}

        @Override
        public void look(Duration elapsed, Recorder.Progress progress) {}

        @Override
        public void next(List<Delivery> deliveries) {
            deliveries.forEach(delivery -> profiles.add(delivery.profile()));
        }

        @Override
        public void end() {}

        @Override
        public List<Written> last(List<Delivery> deliveries) {
            next(deliveries);
            return List.of();
        }

        @Override
        public void close() {}
    }

    private static boolean running(StackCount stack) {
        return stack.state() == ThreadState.RUNNING;
    }

    private static double nanos(Profile profile, Predicate<StackCount> meant) {
        return profile.stacks().stream()
                .filter(meant)
                .mapToLong(StackCount::count)
                .sum();
    }

    /** Of samples taken by chance. */
    private static double error(long nanos, double each) {
        return STANDARD_ERRORS * Math.sqrt(each * nanos);
    }

    /** That of one thread. */
    private static void expectWallClock(Profile profile, Predicate<StackCount> thread) {
        double duration = profile.duration().toNanos();
        System.out.printf("sum of states: %.4f s in %.4f s%n", nanos(profile, thread) / 1e9, duration / 1e9);
        assertThat(nanos(profile, thread)).isBetween((1 - SUM_TOLERANCE) * duration, (1 + SUM_TOLERANCE) * duration);
    }

    private static void expect(Profile profile, String function, Truth truth) {
        Predicate<StackCount> in = stack -> Names.of(stack).contains(function);
        double on = nanos(profile, in.and(WallTruthIT::running));
        double off = nanos(profile, in.and(stack -> !running(stack)));
        System.out.printf(
                "%s: on %.4f s, true %.4f s; off %.4f s, true %.4f s%n",
                function, on / 1e9, truth.on / 1e9, off / 1e9, truth.off / 1e9);
        double offBy = Math.max(TOLERANCE * truth.off, error(truth.off, (double) THRESHOLD.toNanos()));
        double onBy = Math.max(TOLERANCE * truth.on, error(truth.on, TICK));
        double unseen = truth.waits * SWITCH_NANOS;
        double interrupts = truth.waits * INTERRUPT_NANOS;
        assertThat(off).as(function + " off").isBetween(truth.off - interrupts - offBy, truth.off + unseen + offBy);
        assertThat(on).as(function + " on").isBetween(truth.on - unseen - onBy, truth.on + interrupts + onBy);
        Set<ThreadState> expected = EnumSet.of(ThreadState.RUNNING, ThreadState.RUNQUEUE);
        expected.add(STATES.get(function));
        assertThat(profile.stacks().stream().filter(in).map(StackCount::state))
                .as(function)
                .isSubsetOf(expected);
    }
}
