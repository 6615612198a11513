package io.perfagent.testing.truth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Samples of a workload beside what is known of it.
 *
 * @param samples all
 * @param right with a leaf, and the whole chain behind it
 * @param shortened with a leaf, and all that is behind it is right, but the beginning of the chain is missing
 * @param wrong with a leaf, and a function, file or line that cannot be
 * @param without a leaf, by their innermost function
 * @param examples of what is not right, a stack each
 */
public record Verdict(
        long samples, long right, long shortened, long wrong, Map<String, Long> without, List<String> examples) {
    private static final int MAX_EXAMPLES = 5;
    /** Of an example, on each side of the fault. */
    private static final int SHOWN = 12;

    /** Of all samples of some verdicts. */
    public static Verdict sum(List<Verdict> verdicts) {
        Map<String, Long> without = new TreeMap<>();
        verdicts.forEach(verdict -> verdict.without.forEach((leaf, count) -> without.merge(leaf, count, Long::sum)));
        return new Verdict(
                verdicts.stream().mapToLong(Verdict::samples).sum(),
                verdicts.stream().mapToLong(Verdict::right).sum(),
                verdicts.stream().mapToLong(Verdict::shortened).sum(),
                verdicts.stream().mapToLong(Verdict::wrong).sum(),
                without,
                verdicts.stream().flatMap(verdict -> verdict.examples.stream()).toList());
    }

    public long withLeaf() {
        return right + shortened + wrong;
    }

    /** Of the samples that have a leaf, those that are right. */
    public double share() {
        return withLeaf() == 0 ? 0 : (double) right / withLeaf();
    }

    /** Of all samples, those that have a leaf: names that are missing make it small. */
    public double leafShare() {
        return samples == 0 ? 0 : (double) withLeaf() / samples;
    }

    /** Fails where anything is wrong, fewer than these shares are right and have a leaf, or there are too few samples to say so. */
    public void expect(double share, double leafShare, long atLeast) {
        assertThat(withLeaf()).as("samples with a leaf: " + this).isGreaterThanOrEqualTo(atLeast);
        assertThat(wrong).as("wrong: " + this).isZero();
        assertThat(shortened)
                .as("shortened: " + this)
                .isLessThanOrEqualTo(share < 1 ? Math.max(1, (long) ((1 - share) * withLeaf())) : 0);
        assertThat(leafShare()).as("samples that have a leaf: " + this).isGreaterThanOrEqualTo(leafShare);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d samples, %.2f %% with a leaf; of these %.3f %% right, %d shortened, %d wrong%s%s",
                samples,
                100 * leafShare(),
                100 * share(),
                shortened,
                wrong,
                without.isEmpty() ? "" : "; without a leaf " + without,
                examples.stream().map(example -> "\n" + example).collect(Collectors.joining()));
    }

    /** Of samples as they come. */
    static final class Count {
        private long samples;
        private long right;
        private long shortened;
        private long wrong;
        private final Map<String, Long> without = new TreeMap<>();
        private final List<String> examples = new ArrayList<>();

        void without(List<Call> calls, long count) {
            samples += count;
            without.merge(
                    calls.isEmpty() ? "no Python at all" : calls.getFirst().name(), count, Long::sum);
        }

        void right(long count) {
            samples += count;
            right += count;
        }

        void fault(List<Call> calls, Chain.Comparison comparison, long count) {
            samples += count;
            shortened += comparison.ended() ? count : 0;
            wrong += comparison.ended() ? 0 : count;
            if (examples.size() < MAX_EXAMPLES) {
                examples.add(example(calls, comparison, count));
            }
        }

        private static String example(List<Call> calls, Chain.Comparison comparison, long count) {
            StringBuilder example = new StringBuilder("  " + count + " samples:");
            int fault = comparison.followed();
            for (int at = Math.max(0, fault - SHOWN); at < Math.min(calls.size(), fault + SHOWN); at++) {
                example.append("\n    ").append(at).append(' ').append(calls.get(at));
                example.append(at == fault ? "  <== " + comparison.fault() : "");
            }
            return example + (comparison.ended() ? "\n    <== " + comparison.fault() : "");
        }

        Verdict verdict() {
            return new Verdict(samples, right, shortened, wrong, without, examples);
        }
    }
}
