package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.Frame;
import org.jspecify.annotations.Nullable;

/** The frames of one address space that have been named, by address: open addressing, no boxing, at most half full. */
final class FrameCache {
    /** A frame, its two strings without their characters, and its slots. */
    private static final int FRAME_BYTES = 144;

    private final Budget.Kept room;
    private @Nullable Frame[] slots = new @Nullable Frame[64];
    private int count;

    /** @param room takes the frames */
    FrameCache(Budget.Kept room) {
        this.room = room;
    }

    @Nullable
    Frame get(long address) {
        return slots[slotOf(slots, address)];
    }

    /** False where there is no room for it. */
    boolean put(Frame frame) {
        if (!room.grow(bytes(frame))) {
            return false;
        }
        if (count * 2 >= slots.length) {
            grow();
        }
        slots[slotOf(slots, frame.address())] = frame;
        count++;
        return true;
    }

    private static long bytes(Frame frame) {
        long symbol =
                frame.symbol().equals(frame.function()) ? 0 : frame.symbol().length();
        return FRAME_BYTES + 2 * (frame.function().length() + frame.file().length() + symbol);
    }

    void clear() {
        room.close();
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
