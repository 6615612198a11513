package io.perfagent.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Durations as the kernel side's own code puts them into buckets, compiled for this machine, and what is said of them. */
class SpreadTest {
    private static final int BUCKETS = 720;
    private static final String PROGRAM = """
            #include <stdio.h>
            #include "spread.h"
            static struct spread spread;
            int main(void) {
                unsigned long long nanos;
                while (scanf("%llu", &nanos) == 1) spread_add(&spread, nanos, nanos & 1);
                printf("%llu %llu %llu\\n", spread.sum, spread.longest, spread.cut);
                for (int i = 0; i < SPREAD_BUCKETS; i++) printf("%llu\\n", spread.buckets[i]);
            }
            """;

    @TempDir
    private Path directory;

    /** Each duration lies in the bucket that Java takes it for: the least and the greatest of each, and what lies beyond. */
    @Test
    void bucketsAreThoseOfTheKernelSide() throws Exception {
        long[] edges = new long[2 * BUCKETS];
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            edges[2 * bucket] = Spread.lowest(bucket);
            edges[2 * bucket + 1] = Spread.lowest(bucket + 1) - 1;
        }
        Spread spread = counted(edges);
        assertThat(spread.buckets()).hasSize(BUCKETS).containsOnly(2);
        assertThat(spread.longest()).isEqualTo((1L << 48) - 1);
        assertThat(spread.cut())
                .isEqualTo(LongStream.of(edges).map(edge -> edge & 1).sum());
        assertThat(counted(1L << 48, Long.MAX_VALUE).buckets()[BUCKETS - 1]).isEqualTo(2);
    }

    /** Beside the exact ones, of durations of all lengths. */
    @Test
    void quantilesAreAThirtySecondOffAtMost() throws Exception {
        Random random = new Random(7);
        long[] durations = LongStream.range(0, 20_001)
                .map(_ -> (long) Math.exp(random.nextDouble() * 25))
                .toArray();
        Spread spread = counted(durations);
        Arrays.sort(durations);
        assertThat(spread.count()).isEqualTo(durations.length);
        assertThat(spread.mean()).isEqualTo(LongStream.of(durations).average().orElseThrow());
        for (double share : new double[] {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = durations[(int) Math.ceil(share * durations.length) - 1];
            assertThat(spread.quantile(share)).isCloseTo(exact, Offset.offset(exact / 32 + 1));
        }
    }

    @Test
    void together() throws Exception {
        Spread both = counted(5, 7, 100).plus(counted(1000, 2));
        assertThat(both.count()).isEqualTo(5);
        assertThat(both.sum()).isEqualTo(1114);
        assertThat(both.longest()).isEqualTo(1000);
        assertThat(both.quantile(0.5)).isEqualTo(7);
        assertThat(both.quantile(1)).isEqualTo(1000);
    }

    @Test
    void ofNothing() {
        Spread none = new Spread(0, 0, 0, new long[BUCKETS]);
        assertThat(none.mean()).isZero();
        assertThat(none.quantile(0.5)).isZero();
    }

    private Spread counted(long... durations) throws IOException, InterruptedException {
        Path program = directory.resolve("spread");
        if (!Files.exists(program)) {
            Path source = Files.writeString(directory.resolve("spread.c"), PROGRAM);
            Process compiler = new ProcessBuilder(
                            "clang", "-O2", "-I", "bpf", source.toString(), "-o", program.toString())
                    .inheritIO()
                    .start();
            assertThat(compiler.waitFor()).isZero();
        }
        Path numbers = Files.writeString(
                directory.resolve("numbers"),
                LongStream.of(durations).mapToObj(Long::toString).collect(Collectors.joining("\n")));
        Process run = new ProcessBuilder(program.toString())
                .redirectInput(numbers.toFile())
                .start();
        String[] lines = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n");
        long[] first = Arrays.stream(lines[0].split(" "))
                .mapToLong(Long::parseUnsignedLong)
                .toArray();
        long[] buckets = Arrays.stream(lines).skip(1).mapToLong(Long::parseLong).toArray();
        return new Spread(first[0], first[1], first[2], buckets);
    }
}
