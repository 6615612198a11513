package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct event_pace}: how fast a CPU takes samples of events that are counted. */
public final class EventPace {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("second"),
                    JAVA_LONG.withName("since"),
                    JAVA_LONG.withName("taken"),
                    JAVA_LONG.withName("left_out"))
            .withName("event_pace");

    private EventPace() {}

    /** Samples that were not taken. */
    public static long leftOut(MemorySegment pace) {
        return pace.get(JAVA_LONG, LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("left_out")));
    }
}
