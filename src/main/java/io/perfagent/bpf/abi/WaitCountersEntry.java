package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.WaitCounters;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct wait_counters}: what one CPU has counted of time off the CPU. */
public final class WaitCountersEntry {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("waits"),
                    JAVA_LONG.withName("blocked_ns"),
                    JAVA_LONG.withName("queued_ns"),
                    JAVA_LONG.withName("chosen"),
                    JAVA_LONG.withName("late"),
                    JAVA_LONG.withName("late_ns"),
                    JAVA_LONG.withName("untaken"),
                    JAVA_LONG.withName("untaken_ns"),
                    JAVA_LONG.withName("unseen"),
                    JAVA_LONG.withName("unseen_ns"),
                    JAVA_LONG.withName("left_out"),
                    JAVA_LONG.withName("left_out_ns"),
                    JAVA_LONG.withName("without_room"),
                    JAVA_LONG.withName("ends_lost"),
                    JAVA_LONG.withName("highest_threshold"))
            .withName("wait_counters");

    private WaitCountersEntry() {}

    /** Copies it. */
    public static WaitCounters decode(MemorySegment entry) {
        return new WaitCounters(
                get(entry, "waits"),
                get(entry, "blocked_ns"),
                get(entry, "queued_ns"),
                get(entry, "chosen"),
                get(entry, "late"),
                get(entry, "late_ns"),
                get(entry, "untaken"),
                get(entry, "untaken_ns"),
                get(entry, "unseen"),
                get(entry, "unseen_ns"),
                get(entry, "left_out"),
                get(entry, "left_out_ns"),
                get(entry, "without_room"),
                get(entry, "ends_lost"),
                0,
                get(entry, "highest_threshold"));
    }

    private static long get(MemorySegment entry, String name) {
        return entry.get(JAVA_LONG, LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(name)));
    }
}
