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
 * @param flags of {@code enum process_flag}
 * @param hotspot word address of its {@link HotSpotEntry}, 0 where it is no JVM
 * @param cpython word address of its {@link CPythonEntry}, 0 where it runs none
 */
public record ProcessEntry(int mappings, int count, int generation, int flags, int hotspot, int cpython) {
    /** The process runs code of its own making: an address in no mapping is no news. */
    public static final int PROCESS_MAKES_CODE = 1;

    /** Its program has no call-frame information and keeps frame pointers, as the code does that it makes. */
    public static final int PROCESS_FRAME_POINTERS = 2;

    /** All code that it makes keeps frame pointers: V8's. */
    public static final int PROCESS_MAKES_FRAMES = 4;

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_INT.withName("mappings"),
                    JAVA_INT.withName("count"),
                    JAVA_INT.withName("generation"),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("hotspot"),
                    JAVA_INT.withName("cpython"))
            .withName("process");

    private static final long MAPPINGS = offset("mappings");
    private static final long COUNT = offset("count");
    private static final long GENERATION = offset("generation");
    private static final long FLAGS = offset("flags");
    private static final long HOTSPOT = offset("hotspot");
    private static final long CPYTHON = offset("cpython");

    public ProcessEntry(int mappings, int count, int generation) {
        this(mappings, count, generation, 0, 0, 0);
    }

    /** The same with the flag {@link #PROCESS_MAKES_CODE}. */
    public ProcessEntry makingCode() {
        return new ProcessEntry(mappings, count, generation, flags | PROCESS_MAKES_CODE, hotspot, cpython);
    }

    /** The same with the flag {@link #PROCESS_FRAME_POINTERS}. */
    public ProcessEntry keepingFramePointers() {
        return new ProcessEntry(mappings, count, generation, flags | PROCESS_FRAME_POINTERS, hotspot, cpython);
    }

    /** The same with the flag {@link #PROCESS_MAKES_FRAMES}. */
    public ProcessEntry makingFrames() {
        return new ProcessEntry(mappings, count, generation, flags | PROCESS_MAKES_FRAMES, hotspot, cpython);
    }

    /** The same of a JVM. */
    public ProcessEntry runningJvm(int describedAt) {
        return new ProcessEntry(mappings, count, generation, flags, describedAt, cpython);
    }

    /** The same of one that runs CPython. */
    public ProcessEntry runningPython(int describedAt) {
        return new ProcessEntry(mappings, count, generation, flags, hotspot, describedAt);
    }

    /** The entry as the kernel reads it. */
    public MemorySegment allocate(Arena arena) {
        MemorySegment entry = arena.allocate(LAYOUT);
        entry.set(JAVA_INT, MAPPINGS, mappings);
        entry.set(JAVA_INT, COUNT, count);
        entry.set(JAVA_INT, GENERATION, generation);
        entry.set(JAVA_INT, FLAGS, flags);
        entry.set(JAVA_INT, HOTSPOT, hotspot);
        entry.set(JAVA_INT, CPYTHON, cpython);
        return entry;
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
