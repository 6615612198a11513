package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressRangesTest {
    @Test
    void theLaterRangeWinsAndTheRestStaysWithTheEarlier() {
        AddressRanges ranges = AddressRanges.of(new long[] {10, 20}, new long[] {40, 30}, 2);
        assertThat(ranges.find(9)).isEqualTo(AddressRanges.NONE);
        assertThat(ranges.find(10)).isZero();
        assertThat(ranges.find(20)).isOne();
        assertThat(ranges.find(29)).isOne();
        assertThat(ranges.find(30)).isZero();
        assertThat(ranges.find(40)).isEqualTo(AddressRanges.NONE);
    }

    @Test
    void addressesAreUnsigned() {
        AddressRanges ranges = AddressRanges.of(new long[] {0xffffffff81000000L, 5}, new long[] {-1L, 6}, 2);
        assertThat(ranges.find(5)).isOne();
        assertThat(ranges.find(6)).isEqualTo(AddressRanges.NONE);
        assertThat(ranges.find(0xffffffff81000001L)).isZero();
        assertThat(ranges.find(-1L)).isEqualTo(AddressRanges.NONE);
    }

    @Test
    void anEmptyOrInvertedRangeHoldsNothing() {
        AddressRanges ranges = AddressRanges.of(new long[] {5, 9, 2}, new long[] {5, 3, 4}, 3);
        for (long address = 0; address < 12; address++) {
            assertThat(ranges.find(address)).isEqualTo(address >= 2 && address < 4 ? 2 : AddressRanges.NONE);
        }
        assertThat(AddressRanges.of(new long[0], new long[0], 0).find(1)).isEqualTo(AddressRanges.NONE);
    }

    @Test
    void agreesWithPaintingOneRangeOverTheOther() {
        Random random = new Random(42);
        for (int round = 0; round < 2000; round++) {
            int count = random.nextInt(20);
            long[] starts = random.longs(count, 0, 60).toArray();
            long[] ends = random.longs(count, 0, 64).toArray();
            int[] painted = new int[64];
            java.util.Arrays.fill(painted, AddressRanges.NONE);
            for (int range = 0; range < count; range++) {
                for (int at = (int) starts[range]; at < ends[range]; at++) {
                    painted[at] = range;
                }
            }
            AddressRanges ranges = AddressRanges.of(starts, ends, count);
            for (int at = 0; at < 64; at++) {
                assertThat(ranges.find(at)).isEqualTo(painted[at]);
            }
        }
    }

    @Test
    void theOrderIsStable() {
        assertThat(AddressOrder.of(new long[] {3, 1, 3, -1, 1, 0}, 6)).containsExactly(5, 1, 4, 0, 2, 3);
        assertThat(AddressOrder.of(new long[] {1, 2, 3, 0}, 3)).containsExactly(0, 1, 2);
        assertThat(AddressOrder.of(new long[0], 0)).isEmpty();
    }
}
