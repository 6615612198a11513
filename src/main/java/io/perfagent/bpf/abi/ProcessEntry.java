package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct process}: what the kernel side knows of a process.
 *
 * @param mappings word address of its {@link CodeMapping} array
 * @param count mappings
 * @param generation unique among all processes and all states of one
 */
public record ProcessEntry(int mappings, int count, int generation) {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_INT.withName("mappings"),
                    JAVA_INT.withName("count"),
                    JAVA_INT.withName("generation"),
                    JAVA_INT.withName("flags"))
            .withName("process");

    /** The entry as the kernel reads it. */
    public MemorySegment allocate(Arena arena) {
        MemorySegment entry = arena.allocate(LAYOUT);
        entry.set(JAVA_INT, 0, mappings);
        entry.set(JAVA_INT, 4, count);
        entry.set(JAVA_INT, 8, generation);
        return entry;
    }
}
