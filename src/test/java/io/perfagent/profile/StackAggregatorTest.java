package io.perfagent.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Wait;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StackAggregatorTest {
    private static final int PROCESS = 77;

    private static Sample sample(int pid, int tid, String name, WalkEnd end, long[] kernel, long... user) {
        return new Sample(Event.CPU_CLOCK, 1, 0, pid, tid, name, kernel, user, PythonFrames.NONE, end, false);
    }

    private static List<String> stacks(StackAggregator aggregator) {
        List<String> lines = new ArrayList<>();
        aggregator.forEach(stack -> lines.add(stack.count() + " " + key(stack) + " " + stack.threadName()));
        return lines;
    }

    private static String key(CountedStack stack) {
        return stack.pid() + "/" + stack.tid() + " " + Arrays.toString(stack.kernel()) + Arrays.toString(stack.user())
                + " " + stack.end();
    }

    private static String key(Sample sample) {
        return key(new CountedStack(
                PROCESS,
                sample.pid(),
                sample.tid(),
                "",
                sample.kernel(),
                sample.user(),
                sample.end(),
                false,
                0,
                ThreadState.RUNNING,
                Descriptor.NONE,
                0,
                GilUse.NONE,
                null,
                false,
                new long[0]));
    }

    @Test
    void equalStacksOfOneThreadAreCounted() {
        StackAggregator aggregator = new StackAggregator();
        for (int round = 0; round < 3; round++) {
            aggregator.add(sample(1, 2, "name" + round, WalkEnd.END_OF_STACK, new long[] {-5, -6}, 7, 8), PROCESS);
        }
        assertThat(stacks(aggregator)).containsExactly("3 1/2 [-5, -6][7, 8] END_OF_STACK name0");
    }

    @Test
    void weightsAreAddedUp() {
        StackAggregator aggregator = new StackAggregator();
        for (long weight : new long[] {3, 4_000_000_000L}) {
            Sample one = new Sample(
                    Event.CPU_CLOCK,
                    weight,
                    0,
                    1,
                    2,
                    "name",
                    new long[0],
                    new long[] {7},
                    PythonFrames.NONE,
                    WalkEnd.END_OF_STACK,
                    false);
            aggregator.add(one, PROCESS);
        }
        assertThat(stacks(aggregator)).containsExactly("4000000003 1/2 [][7] END_OF_STACK name");
    }

    @Test
    void everyPartOfTheKeyTellsStacksApart() {
        long[] none = {};
        StackAggregator aggregator = new StackAggregator();
        aggregator.add(sample(1, 2, "a", WalkEnd.END_OF_STACK, none, 7, 8), PROCESS);
        aggregator.add(sample(2, 2, "a", WalkEnd.END_OF_STACK, none, 7, 8), PROCESS);
        aggregator.add(sample(1, 3, "a", WalkEnd.END_OF_STACK, none, 7, 8), PROCESS);
        aggregator.add(sample(1, 2, "a", WalkEnd.NO_TABLE, none, 7, 8), PROCESS);
        aggregator.add(sample(1, 2, "a", WalkEnd.END_OF_STACK, new long[] {7}, 8), PROCESS);
        aggregator.add(sample(1, 2, "a", WalkEnd.END_OF_STACK, none, 8, 7), PROCESS);
        aggregator.add(sample(1, 2, "a", WalkEnd.END_OF_STACK, none, 7), PROCESS);
        aggregator.add(sample(1, 2, "a", WalkEnd.NO_USER_STACK, none), PROCESS);
        assertThat(aggregator.stacks()).isEqualTo(8);
        assertThat(stacks(aggregator)).hasSize(8).allMatch(line -> line.startsWith("1 "));
    }

    @Test
    void pidsKeepTheirSign() {
        StackAggregator aggregator = new StackAggregator();
        aggregator.add(sample(-1, Integer.MIN_VALUE, "a", WalkEnd.BAD_CODE, new long[0], Long.MIN_VALUE), PROCESS);
        assertThat(stacks(aggregator)).containsExactly("1 -1/-2147483648 [][-9223372036854775808] BAD_CODE a");
    }

    @Test
    void agreesWithAMapOfStrings() {
        Random random = new Random(5);
        StackAggregator aggregator = new StackAggregator();
        Map<String, Long> expected = new LinkedHashMap<>();
        WalkEnd[] ends = WalkEnd.values();
        for (int round = 0; round < 200_000; round++) {
            Sample sample = sample(
                    random.nextInt(3),
                    random.nextInt(4),
                    "t",
                    ends[random.nextInt(ends.length)],
                    random.longs(random.nextInt(3), 0, 4).toArray(),
                    random.longs(random.nextInt(7), 0, 4).toArray());
            aggregator.add(sample, PROCESS);
            expected.merge(key(sample), 1L, Long::sum);
        }
        Map<String, Long> counted = new HashMap<>();
        aggregator.forEach(stack -> counted.put(key(stack), stack.count()));
        assertThat(counted).isEqualTo(expected);
        assertThat(aggregator.stacks()).isEqualTo(expected.size());
        assertThat(aggregator.overflowed(Event.CPU_CLOCK)).isZero();
    }

    @Test
    void beyondTheBoundNewStacksOverflowAndKnownOnesStillCount() {
        StackAggregator aggregator = new StackAggregator(2 * 25 + 24); // of three frames each
        for (int round = 0; round < 10; round++) {
            aggregator.add(sample(1, 1, "a", WalkEnd.END_OF_STACK, new long[0], 1, 2, round), PROCESS);
            aggregator.add(sample(1, 1, "a", WalkEnd.END_OF_STACK, new long[0], 1, 2, 0), PROCESS);
        }
        assertThat(aggregator.stacks()).isEqualTo(2);
        assertThat(aggregator.overflowed(Event.CPU_CLOCK)).isEqualTo(8);
        assertThat(aggregator.overflowed(Event.OFF_CPU)).isZero();
        assertThat(stacks(aggregator)).hasSize(2).first().asString().startsWith("11 ");
    }

    @Test
    void timesAreKeptWhereTheyAreAskedFor() {
        StackAggregator aggregator = new StackAggregator(1 << 20, true);
        StackAggregator without = new StackAggregator(1 << 20);
        for (long time = 1; time <= 3_000; time++) {
            Sample sample = at(time, time % 3);
            aggregator.add(sample, PROCESS);
            without.add(sample, PROCESS);
        }
        Map<Long, long[]> times = new HashMap<>();
        aggregator.forEach(stack -> times.put(stack.user()[0], stack.times()));
        without.forEach(stack -> assertThat(stack.times()).isEmpty());
        assertThat(times.get(0L)).hasSize(1_000).startsWith(3, 6, 9).endsWith(3_000);
        assertThat(times.get(1L)).hasSize(1_000).startsWith(1, 4).endsWith(2_998);
        assertThat(times.get(2L)).hasSize(1_000).isSorted();
    }

    /** Times take memory with each sample: those that find none are counted, and what is there is right. */
    @Test
    void samplesOverflowWhereTheirTimesFindNoRoom() {
        StackAggregator aggregator = new StackAggregator(1_000, true);
        for (long time = 1; time <= 3_000; time++) {
            aggregator.add(at(time, 0), PROCESS);
        }
        aggregator.forEach(stack -> {
            assertThat(stack.count() + aggregator.overflowed(Event.CPU_CLOCK)).isEqualTo(3_000);
            assertThat(stack.times()).hasSize((int) stack.count()).hasSizeBetween(200, 250);
        });
    }

    private static Sample at(long time, long address) {
        return new Sample(
                Event.CPU_CLOCK,
                1,
                time,
                1,
                2,
                "name",
                new long[0],
                new long[] {address},
                PythonFrames.NONE,
                WalkEnd.END_OF_STACK,
                false);
    }

    /** Who had CPython's lock, of waits with equal frames. */
    @Test
    void holdersTellStacksApart() {
        StackAggregator aggregator = new StackAggregator();
        List<GilUse> uses = List.of(
                new GilUse(GilUse.Role.AWAITED, GilUse.Holder.KNOWN, 7, 0xa000_0000_0000_1000L, 5),
                new GilUse(GilUse.Role.AWAITED, GilUse.Holder.KNOWN, 8, 0xa000_0000_0000_1000L, 5),
                new GilUse(GilUse.Role.AWAITED, GilUse.Holder.MOVED, 7, 0, 0),
                new GilUse(GilUse.Role.HELD, GilUse.Holder.KNOWN, 0, 0, 0),
                GilUse.NONE);
        for (int round = 0; round < 2; round++) {
            uses.forEach(use -> aggregator.add(waiting(use), PROCESS));
        }
        List<GilUse> found = new ArrayList<>();
        aggregator.forEach(stack -> {
            assertThat(stack.count()).isEqualTo(6);
            assertThat(stack.state()).isEqualTo(ThreadState.GIL);
            assertThat(stack.user()).containsExactly(7, 8);
            found.add(stack.gil());
        });
        assertThat(found).isEqualTo(uses);
    }

    private static Sample waiting(GilUse use) {
        return sample(1, 2, "name", WalkEnd.END_OF_STACK, new long[] {-5}, 7, 8)
                .with(new Wait(ThreadState.GIL, 3, true), 3, use);
    }

    @Test
    void deepStacksAreKeptWhole() {
        StackAggregator aggregator = new StackAggregator();
        long[] user = new Random(1).longs(4096).toArray();
        long[] kernel = new Random(2).longs(128).toArray();
        aggregator.add(sample(1, 1, "deep", WalkEnd.TOO_DEEP, kernel, user), PROCESS);
        aggregator.forEach(stack -> {
            assertThat(stack.user()).isEqualTo(user);
            assertThat(stack.kernel()).isEqualTo(kernel);
        });
    }
}
