package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** poll(2): waits until one of some descriptors is readable. */
public final class Poll implements AutoCloseable {
    private static final int ENTRY = 8; // struct pollfd: fd s32 │ events s16 │ revents s16
    private static final short POLLIN = 1;
    private static final CFunction POLL = CFunction.of("poll");

    private final Arena arena = Arena.ofShared();
    private final MemorySegment capture = CFunction.errnoIn(arena);
    private final MemorySegment entries;
    private final long count;

    /** @param readable descriptors, which stay their owners' */
    public Poll(List<Fd> readable) {
        count = readable.size();
        entries = arena.allocate(ENTRY * Math.max(1, count), 4);
        for (int i = 0; i < count; i++) {
            entries.set(JAVA_INT, (long) i * ENTRY, readable.get(i).number());
            entries.set(JAVA_SHORT, (long) i * ENTRY + 4, POLLIN);
        }
    }

    /** Returns when one is readable, at the latest after so many milliseconds: false then. A signal may end it early. */
    public boolean await(int millis) {
        return POLL.callInt(capture, CFunction.address(entries), count, millis) != 0;
    }

    /** Not while a thread waits. */
    @Override
    public void close() {
        arena.close();
    }
}
