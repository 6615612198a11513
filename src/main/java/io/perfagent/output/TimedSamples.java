package io.perfagent.output;

import io.perfagent.model.StackCount;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The samples of some stacks in the order of their times, each in one word: microseconds since the profile began, and a number of the caller's. A run
 * lasts a day at most, and there are not so many words for stacks.
 *
 * <pre>
 *   microseconds:38 number:26
 * </pre>
 */
final class TimedSamples {
    private static final int NUMBER_BITS = 26;
    private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
    private static final long NANOS_PER_MICRO = 1000;

    private TimedSamples() {}

    /**
     * The words. Samples whose times are not known are at the beginning.
     *
     * @param startNanos when the profile began, by the clock of the samples
     * @param number what stands for the stack of a place in the list
     */
    static long[] of(List<StackCount> stacks, long startNanos, IntUnaryOperator number) {
        long[] samples = new long
                [Math.toIntExact(stacks.stream().mapToLong(StackCount::count).sum())];
        int end = 0;
        for (int at = 0; at < stacks.size(); at++) {
            StackCount stack = stacks.get(at);
            int begin = end;
            end += (int) stack.count();
            Arrays.fill(samples, begin, end, number.applyAsInt(at));
            for (int of = 0; of < stack.times().length; of++) {
                long micros = Math.max(0, stack.times()[of] - startNanos) / NANOS_PER_MICRO;
                samples[begin + of] |= micros << NUMBER_BITS;
            }
        }
        Arrays.sort(samples);
        return samples;
    }

    static int number(long sample) {
        return (int) (sample & NUMBER_MASK);
    }

    static long micros(long sample) {
        return sample >>> NUMBER_BITS;
    }
}
