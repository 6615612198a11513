package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapRoomTest {
    private static final long LIVE = 10 << 20;

    private long used = LIVE + HeapRoom.USED_AT_MOST;
    private int collections;

    @Test
    void collectsWhereMuchWasAllocatedSinceTheLastCollection() {
        HeapRoom room = new HeapRoom(() -> used, this::collect);
        room.make();
        assertThat(collections).isEqualTo(1);
        used += HeapRoom.USED_AT_MOST;
        room.make();
        assertThat(collections).as("little was allocated").isEqualTo(1);
        used++;
        room.make();
        assertThat(collections).as("much was allocated").isEqualTo(2);
    }

    private void collect() {
        collections++;
        used = LIVE;
    }
}
