package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.perfagent.testing.Tool;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probabilities as Python has them: with whole numbers of any size where the test is exact, else by its own erfc. */
class SignificanceTest {
    private static final String EXACT = """
            from math import comb
            from fractions import Fraction
            a, n, b, m = %d, %d, %d, %d
            k = a + b
            ways = [comb(n, x) * comb(m, k - x) for x in range(max(0, k - m), min(k, n) + 1)]
            seen = comb(n, a) * comb(m, b)
            print(float(Fraction(sum(w for w in ways if w <= seen), comb(n + m, k))))
            """;
    private static final String NORMAL = """
            from math import erfc, sqrt
            a, n, b, m = %d, %d, %d, %d
            p = (a + b) / (n + m)
            print(erfc(abs(b / m - a / n) / sqrt(p * (1 - p) * (1 / n + 1 / m)) / sqrt(2)))
            """;

    private static double asked(String program, long... counts) throws Exception {
        return Double.parseDouble(
                Tool.output("python3", "-c", program.formatted(counts[0], counts[1], counts[2], counts[3])));
    }

    @ParameterizedTest
    @CsvSource({
        "3,4,1,4",
        "0,100,5,120",
        "9,1000,1,900",
        "7,7,0,7",
        "1,5000,12,40",
        "995,1000,800,801",
        "2,300000,9,310000",
        "0,1,1,100000"
    })
    void smallCountsAreExact(long before, long allBefore, long after, long allAfter) throws Exception {
        double expected = asked(EXACT, before, allBefore, after, allAfter);
        assertThat(Significance.of(before, allBefore, after, allAfter))
                .isCloseTo(expected, within(1e-8 + 1e-6 * expected));
        assertThat(Significance.of(after, allAfter, before, allBefore))
                .isCloseTo(expected, within(1e-8 + 1e-6 * expected));
    }

    @ParameterizedTest
    @CsvSource({"50,100,60,100", "400,1000,300,1000", "100000,1000000,101000,1000000", "15,30,14,33"})
    void largeOnesAreNormal(long before, long allBefore, long after, long allAfter) throws Exception {
        double expected = asked(NORMAL, before, allBefore, after, allAfter);
        assertThat(Significance.of(before, allBefore, after, allAfter)).isCloseTo(expected, within(2e-7 * expected));
    }

    /** Profiles that count nanoseconds as samples, or are damaged. */
    @Test
    @Timeout(10)
    void giantCountsTakeNoLonger() {
        assertThat(Significance.of(1_000_000_000, 1_000_000_000_000_000_000L, 10, 1_000_000_010))
                .isBetween(0.0, 1.0);
        assertThat(Significance.of(3_000_000_000L, 3_000_000_000L, 1, 5_000_000_000_000L))
                .isLessThan(1e-9);
    }

    @Test
    void nothingToCompareIsChance() {
        assertThat(Significance.of(0, 0, 0, 0)).isEqualTo(1);
        assertThat(Significance.of(0, 10, 0, 20)).isEqualTo(1);
        assertThat(Significance.of(10, 10, 20, 20)).isEqualTo(1);
        assertThat(Significance.of(0, 0, 5, 10)).isEqualTo(1);
    }

    /** The example of Benjamini and Hochberg (1995), table 1: four of fifteen remain at 0.05. */
    @Test
    void manyComparisons() {
        double[] corrected = Significance.corrected(
                0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
                0.7590, 1.0);
        assertThat(corrected)
                .containsExactly(
                        new double[] {
                            0.0015, 0.0030, 0.0095, 0.035625, 0.0603, 0.063857, 0.063857, 0.0645, 0.0765, 0.486,
                            0.581182, 0.714875, 0.753231, 0.813214, 1.0
                        },
                        within(1e-6));
        assertThat(Significance.corrected(0.5, 0.01)).containsExactly(0.5, 0.02);
        assertThat(Significance.corrected()).isEmpty();
    }

    /** Two halves of one binomial process: of a thousand functions that have not changed hardly any is called sure. */
    @Test
    void chanceAloneIsRarelySure() {
        Random random = new Random(7);
        double[] probabilities = new double[1000];
        for (int at = 0; at < probabilities.length; at++) {
            int before = 0;
            int after = 0;
            for (int sample = 0; sample < 2000; sample++) {
                before += random.nextInt(probabilities.length) <= at % 50 ? 1 : 0;
                after += random.nextInt(probabilities.length) <= at % 50 ? 1 : 0;
            }
            probabilities[at] = Significance.of(before, 2000, after, 2000);
        }
        assertThat(Arrays.stream(probabilities).filter(p -> p < 0.05).count()).isBetween(10L, 60L);
        assertThat(Arrays.stream(Significance.corrected(probabilities))
                        .filter(q -> q < 0.05)
                        .count())
                .isZero();
    }
}
