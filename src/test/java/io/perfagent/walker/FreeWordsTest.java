package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** What was given back is used again, once, and not before its time. */
class FreeWordsTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void wordsRestBeforeTheyAreUsedAgain() {
        FreeWords free = new FreeWords();
        free.add(100, 10, 0);
        assertThat(free.take(at -> at, 10, _ -> 10, SECOND - 1)).isEqualTo(-1);
        assertThat(free.take(at -> at, 10, _ -> 10, SECOND)).isEqualTo(100);
        assertThat(free.take(at -> at, 1, _ -> 1, 2 * SECOND)).isEqualTo(-1);
    }

    /** To ask how many words it takes somewhere is as much as to write the table once more. */
    @Test
    void rangesThatAreTooShortAnywayAreNotAskedAbout() {
        FreeWords free = new FreeWords();
        for (int range = 0; range < 1000; range++) {
            free.add(range * 100L, 9, 0);
        }
        free.add(200_000, 10, 0);
        AtomicInteger asked = new AtomicInteger();
        LongUnaryOperator words = at -> {
            asked.incrementAndGet();
            return 10;
        };
        assertThat(free.take(at -> at, 10, words, SECOND)).isEqualTo(200_000);
        assertThat(asked).hasValue(1);
    }

    @Test
    void neighboursAreJoined() {
        FreeWords free = new FreeWords();
        free.add(100, 10, 0);
        free.add(120, 10, 0);
        free.add(110, 10, 0);
        assertThat(free.take(at -> at, 31, _ -> 31, SECOND)).isEqualTo(-1);
        assertThat(free.take(at -> at + at % 2, 30, _ -> 30, SECOND)).isEqualTo(100);
    }

    /** Takes and gives back at random; no word is ever used twice at a time, and in the end all are there as one. */
    @Test
    void noWordIsUsedTwice() {
        Random random = new Random(5);
        FreeWords free = new FreeWords();
        free.add(0, 4096, 0);
        BitSet used = new BitSet();
        List<int[]> taken = new ArrayList<>();
        for (long round = 1; round < 20_000; round++) {
            int words = 1 + random.nextInt(100);
            long at = free.take(start -> (start + 7) / 8 * 8, words, _ -> words, round * SECOND);
            if (at >= 0) {
                assertThat(at % 8).isZero();
                assertThat(used.get((int) at, (int) at + words).isEmpty()).isTrue();
                used.set((int) at, (int) at + words);
                taken.add(new int[] {(int) at, words});
            }
            while (taken.size() > 20 || (at < 0 && !taken.isEmpty())) {
                int[] back = taken.remove(random.nextInt(taken.size()));
                used.clear(back[0], back[0] + back[1]);
                free.add(back[0], back[1], round * SECOND);
                at = 0;
            }
        }
        taken.forEach(back -> free.add(back[0], back[1], 0));
        assertThat(free.take(at -> at, 4096, _ -> 4096, Long.MAX_VALUE)).isZero();
    }
}
