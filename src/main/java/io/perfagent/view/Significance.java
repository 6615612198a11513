package io.perfagent.view;

import java.util.stream.IntStream;

/**
 * How likely chance makes two shares of samples differ as much, if nothing has changed: each sample is in a function or is not, so that counts are
 * binomial. Where all four counts of samples that are to be expected are at least ten, by the z test for two proportions, else by Fisher's exact
 * test. Of many differences some are large by chance: {@link #corrected} says which share of those picked would be (Benjamini and Hochberg 1995).
 */
final class Significance {
    private static final double LEAST_EXPECTED = 10;
    /** Probabilities that are equal may differ by rounding (as in R's fisher.test). */
    private static final double ROUNDING = 1 + 1e-7;

    private static final int FEW = 256;
    private static final double[] LOG_FACTORIALS = logFactorials();

    private Significance() {}

    /**
     * The probability, of differences to both sides.
     *
     * @param before samples of the function
     * @param allBefore samples of that profile
     */
    static double of(long before, long allBefore, long after, long allAfter) {
        long both = before + after;
        long all = allBefore + allAfter;
        if (all == 0 || both == 0 || both == all) {
            return 1;
        }
        double least = (double) Math.min(both, all - both) * Math.min(allBefore, allAfter) / all;
        if (least >= LEAST_EXPECTED) {
            return byNormal((double) before, (double) allBefore, (double) after, (double) allAfter);
        }
        boolean beforeIsLess = allBefore <= allAfter;
        long fewer = beforeIsLess ? allBefore : allAfter;
        long rare = beforeIsLess ? before : after;
        return both <= all - both
                ? exactly(rare, fewer, all - fewer, both)
                : exactly(fewer - rare, fewer, all - fewer, all - both);
    }

    private static double byNormal(double before, double allBefore, double after, double allAfter) {
        double pooled = (before + after) / (allBefore + allAfter);
        double deviation = Math.sqrt(pooled * (1 - pooled) * (1 / allBefore + 1 / allAfter));
        double z = (after / allAfter - before / allBefore) / deviation;
        return erfc(Math.abs(z) / Math.sqrt(2));
    }

    /**
     * All ways to share {@code both} that are as improbable, or more, up to those that are too improbable for a number: less than
     * {@link #LEAST_EXPECTED} are to be expected of the fewer samples, so that a few hundred are looked at, however many there are.
     */
    private static double exactly(long rare, long fewer, long others, long both) {
        double seen = probability(rare, fewer, others, both);
        double sum = 0;
        for (long x = 0; x <= Math.min(both, fewer); x++) {
            double probability = probability(x, fewer, others, both);
            if (probability == 0 && x > LEAST_EXPECTED) {
                break;
            }
            sum += probability <= seen * ROUNDING ? probability : 0;
        }
        return Math.min(1, sum);
    }

    /** Hypergeometric. */
    private static double probability(long x, long allBefore, long allAfter, long both) {
        return Math.exp(
                logChoose(allBefore, x) + logChoose(allAfter, both - x) - logChoose(allBefore + allAfter, both));
    }

    private static double logChoose(long n, long k) {
        return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    /** Stirling's series, whose third term is below 1e-15 from here on. */
    private static double logFactorial(long n) {
        if (n < FEW) {
            return LOG_FACTORIALS[(int) n];
        }
        double x = n;
        return x * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI * x) + 1 / (12 * x) - 1 / (360 * x * x * x);
    }

    private static double[] logFactorials() {
        double[] logs = new double[FEW];
        for (int n = 2; n < FEW; n++) {
            logs[n] = logs[n - 1] + Math.log(n);
        }
        return logs;
    }

    /** The complementary error function, to 1.2e-7 of its value (Numerical Recipes, 6.2). */
    private static double erfc(double x) {
        double t = 1 / (1 + 0.5 * x);
        double[] c = {
            -1.26551223,
            1.00002368,
            0.37409196,
            0.09678418,
            -0.18628806,
            0.27886807,
            -1.13520398,
            1.48851587,
            -0.82215223,
            0.17087277
        };
        double sum = 0;
        for (int at = c.length - 1; at >= 0; at--) {
            sum = c[at] + t * sum;
        }
        return t * Math.exp(-x * x + sum);
    }

    /** For each probability the share of chance among those that are no larger. */
    static double[] corrected(double... probabilities) {
        int[] order = IntStream.range(0, probabilities.length)
                .boxed()
                .sorted((one, other) -> Double.compare(probabilities[other], probabilities[one]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] corrected = new double[probabilities.length];
        double least = 1;
        for (int at = 0; at < order.length; at++) {
            int rank = order.length - at;
            least = Math.min(least, probabilities[order[at]] * order.length / rank);
            corrected[order[at]] = least;
        }
        return corrected;
    }
}
