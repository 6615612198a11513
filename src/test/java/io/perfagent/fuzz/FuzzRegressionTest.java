package io.perfagent.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fuzz target over its corpus, findings of the past included, and over mutations of it that are the same each time. */
class FuzzRegressionTest {
    /** {@code make units} has more. */
    private static final int MUTATIONS = Integer.getInteger("mutations", 80);
    /** Each has the code of a file analysed, which takes some ten milliseconds. */
    private static final int MUTATIONS_OF_TABLES = MUTATIONS / 4;

    private static final int MOST_CHANGES = 16;

    static List<Fuzzer> fuzzers() {
        return Fuzzer.all();
    }

    @ParameterizedTest
    @MethodSource("fuzzers")
    void corpus(Fuzzer fuzzer) throws IOException {
        List<byte[]> corpus = fuzzer.corpus();
        assertThat(corpus).isNotEmpty();
        Random random = new Random(20_261_122);
        int mutations = fuzzer.label().equals("tables") ? MUTATIONS_OF_TABLES : MUTATIONS;
        run(fuzzer, new byte[0]);
        for (byte[] seed : corpus) {
            run(fuzzer, seed);
            for (int mutation = 0; mutation < mutations; mutation++) {
                run(fuzzer, mutated(seed, random));
            }
        }
    }

    private static void run(Fuzzer fuzzer, byte[] input) {
        try {
            fuzzer.target().accept(input);
        } catch (RuntimeException | Error e) {
            byte[] shown = Arrays.copyOf(input, Math.min(input.length, 512));
            throw new AssertionError(fuzzer + " fails for " + HexFormat.of().formatHex(shown), e);
        }
    }

    private static byte[] mutated(byte[] seed, Random random) {
        int length = random.nextInt(10) == 0 ? random.nextInt(seed.length + 1) : seed.length;
        byte[] mutated = Arrays.copyOf(seed, length);
        for (int change = random.nextInt(MOST_CHANGES); change >= 0 && length > 0; change--) {
            mutated[random.nextInt(length)] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : 0xff * random.nextInt(2));
        }
        return mutated;
    }
}
