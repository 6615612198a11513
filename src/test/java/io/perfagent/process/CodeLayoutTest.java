package io.perfagent.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** Mappings over one another, compared with a memory of single pages. */
class CodeLayoutTest {
    private static final int PAGE = 4096;

    @Test
    void newMappingTakesThePlaceOfWhatWasThere() {
        List<Mapping> layout = CodeLayout.with(CodeLayout.with(List.of(), file(0, 10, 1)), file(4, 6, 2));
        assertThat(layout)
                .extracting(Mapping::start, Mapping::end, Mapping::fileOffset, Mapping::inode)
                .containsExactly(
                        Tuple.tuple(0L, 4L * PAGE, 0L, 1L),
                        Tuple.tuple(4L * PAGE, 6L * PAGE, 0L, 2L),
                        Tuple.tuple(6L * PAGE, 10L * PAGE, 6L * PAGE, 1L));
    }

    /** Each page says which mapping it shows, and which page of the file. */
    @Test
    void likeAMemoryOfPages() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            List<Mapping> layout = List.of();
            long[] memory = new long[64];
            for (int i = 1; i <= 40; i++) {
                int from = random.nextInt(60);
                int to = from + 1 + random.nextInt(Math.min(20, 64 - from));
                layout = CodeLayout.with(layout, file(from, to, i));
                for (int page = from; page < to; page++) {
                    memory[page] = i * 1000L + page - from;
                }
                assertThat(pages(layout)).isEqualTo(memory);
            }
        }
    }

    /** What is made shows where it lies in one mapping, and everything else as before. */
    @Test
    void whatIsMadeLiesOverMemory() {
        List<Mapping> layout = List.of(anonymous(0, 10), anonymous(12, 20), file(30, 40, 7));
        List<Mapping> made = List.of(made(0, 1), made(3, 5), made(9, 13), made(14, 20), made(50, 60));
        assertThat(CodeLayout.withMade(layout, made))
                .extracting(Mapping::start, Mapping::end, Mapping::isMade)
                .containsExactly(
                        tuple(0, 1, true),
                        tuple(1, 3, false),
                        tuple(3, 5, true),
                        tuple(5, 10, false),
                        tuple(12, 14, false),
                        tuple(14, 20, true),
                        tuple(30, 40, false));
    }

    private static Tuple tuple(int from, int to, boolean made) {
        return Tuple.tuple((long) from * PAGE, (long) to * PAGE, made);
    }

    private static Mapping made(int from, int to) {
        return Mapping.made((long) from * PAGE, (long) to * PAGE, 0, 0x1000, 1);
    }

    private static Mapping anonymous(int from, int to) {
        return new Mapping((long) from * PAGE, (long) to * PAGE, 0, true, false, true, 0, 0, 0, "", false);
    }

    private static long[] pages(List<Mapping> layout) {
        long[] pages = new long[64];
        long end = 0;
        for (Mapping mapping : new ArrayList<>(layout)) {
            assertThat(mapping.start()).isGreaterThanOrEqualTo(end).isLessThan(mapping.end());
            end = mapping.end();
            for (long at = mapping.start(); at < end; at += PAGE) {
                pages[(int) (at / PAGE)] =
                        mapping.inode() * 1000 + (mapping.fileOffset() + at - mapping.start()) / PAGE;
            }
        }
        return pages;
    }

    private static Mapping file(int from, int to, int inode) {
        return new Mapping(
                (long) from * PAGE, (long) to * PAGE, 0, true, false, true, 254, 0, inode, "/lib/" + inode, false);
    }
}
