package io.perfagent.rewalk;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CopyMemoryTest {
    private static final long BOUND = 1 << 20;

    private final CopyMemory memory = new CopyMemory(BOUND);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void blocksAreLargeEnoughAndStayWithinTheBound() {
        for (long bytes : new long[] {1, 4096, 12_289, 131_072 + 4096 + 192}) {
            assertThat(block(bytes).byteSize()).isBetween(bytes, 2 * bytes + 12_288);
        }
        long sum = 0;
        for (MemorySegment block = memory.take(4096); block != null; block = memory.take(4096)) {
            sum += block.byteSize();
        }
        assertThat(sum).isGreaterThan(BOUND / 2).isLessThanOrEqualTo(BOUND);
    }

    @Test
    void whatIsGivenBackIsUsedAgain() {
        MemorySegment first = block(10_000);
        memory.giveBack(first);
        assertThat(block(10_000).address()).isEqualTo(first.address());
    }

    @Test
    void aLargeBlockServesForASmallOneWhenNothingElseIsLeft() {
        List<MemorySegment> all = new ArrayList<>();
        for (MemorySegment block = memory.take(100_000); block != null; block = memory.take(100_000)) {
            all.add(block);
        }
        while (memory.take(1) != null) {
            // takes what the bound has left
        }
        memory.giveBack(all.getFirst());
        assertThat(block(1).address()).isEqualTo(all.getFirst().address());
        assertThat(memory.take(1)).isNull();
    }

    @Test
    void nothingIsLargerThanTheLargestStack() {
        assertThat(new CopyMemory(Long.MAX_VALUE).take(2 << 20)).isNull();
    }

    private MemorySegment block(long bytes) {
        return Objects.requireNonNull(memory.take(bytes));
    }
}
