package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct scheduler_state}: what the kernel side keeps for the whole run. */
public final class SchedulerState {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_INT.withName("self"),
                    JAVA_INT.withName("slots_taken"),
                    JAVA_INT.withName("not_followed"),
                    JAVA_INT.withName("waits_left_out"))
            .withName("scheduler_state");

    private SchedulerState() {}

    /** A field by its name in C. */
    public static long get(MemorySegment state, String name) {
        return Integer.toUnsignedLong(
                state.get(JAVA_INT, LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(name))));
    }
}
