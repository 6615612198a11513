package io.perfagent.symbolize;

import io.perfagent.model.Frame;
import org.jspecify.annotations.Nullable;

/** The frames of one address space that have been named, by address: open addressing, no boxing, at most half full. */
final class FrameCache {
    private @Nullable Frame[] slots = new @Nullable Frame[64];
    private int count;

    @Nullable
    Frame get(long address) {
        return slots[slotOf(slots, address)];
    }

    void put(Frame frame) {
        if (count * 2 >= slots.length) {
            grow();
        }
        slots[slotOf(slots, frame.address())] = frame;
        count++;
    }

    void clear() {
        slots = new @Nullable Frame[64];
        count = 0;
    }

    private void grow() {
        @Nullable Frame[] larger = new @Nullable Frame[slots.length * 2];
        for (Frame frame : slots) {
            if (frame != null) {
                larger[slotOf(larger, frame.address())] = frame;
            }
        }
        slots = larger;
    }

    /** Where the address is, or would go. */
    private static int slotOf(@Nullable Frame[] slots, long address) {
        int mask = slots.length - 1;
        int slot = (int) ((address * 0x9e3779b97f4a7c15L) >>> 32) & mask;
        Frame there = slots[slot];
        while (there != null && there.address() != address) {
            slot = (slot + 1) & mask;
            there = slots[slot];
        }
        return slot;
    }
}
