package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import org.jspecify.annotations.Nullable;

/** The frames of one address space that have been named, by address: open addressing, no boxing, at most half full. */
final class FrameCache {
    /** A location, its list of calls, and its slots. */
    private static final int FRAME_BYTES = 80;
    /** A call, its place in a longer list, and its two strings without their characters. */
    private static final int CALL_BYTES = 120;

    private final Budget.Kept room;
    private @Nullable Location[] slots = new @Nullable Location[64];
    private int count;

    /** @param room takes the frames */
    FrameCache(Budget.Kept room) {
        this.room = room;
    }

    @Nullable
    Location get(long address) {
        return slots[slotOf(slots, address)];
    }

    /** False where there is no room for it. */
    boolean put(Location location) {
        if (!room.grow(bytes(location))) {
            return false;
        }
        if (count * 2 >= slots.length) {
            grow();
        }
        slots[slotOf(slots, location.address())] = location;
        count++;
        return true;
    }

    private static long bytes(Location location) {
        long bytes = FRAME_BYTES;
        for (Call call : location.calls()) {
            bytes += bytes(call);
        }
        return bytes;
    }

    private static long bytes(Call call) {
        long symbol = call.symbol().equals(call.function()) ? 0 : call.symbol().length();
        return CALL_BYTES + 2 * (call.function().length() + call.file().length() + symbol);
    }

    void clear() {
        room.close();
        slots = new @Nullable Location[64];
        count = 0;
    }

    private void grow() {
        @Nullable Location[] larger = new @Nullable Location[slots.length * 2];
        for (Location location : slots) {
            if (location != null) {
                larger[slotOf(larger, location.address())] = location;
            }
        }
        slots = larger;
    }

    /** Where the address is, or would go. */
    private static int slotOf(@Nullable Location[] slots, long address) {
        int mask = slots.length - 1;
        int slot = (int) ((address * 0x9e3779b97f4a7c15L) >>> 32) & mask;
        Location there = slots[slot];
        while (there != null && there.address() != address) {
            slot = (slot + 1) & mask;
            there = slots[slot];
        }
        return slot;
    }
}
