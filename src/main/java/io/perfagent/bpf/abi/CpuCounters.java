package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.WalkEnd;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct cpu_counters}: what one CPU has counted. */
public final class CpuCounters {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("samples"),
                    JAVA_LONG.withName("dropped"),
                    JAVA_LONG.withName("user_frames"),
                    JAVA_LONG.withName("walk_ns"),
                    JAVA_LONG.withName("program_ns"),
                    JAVA_LONG.withName("cache_hits"),
                    JAVA_LONG.withName("guessed"),
                    JAVA_LONG.withName("copies"),
                    JAVA_LONG.withName("copies_left_out"),
                    JAVA_LONG.withName("outside"),
                    JAVA_LONG.withName("python_frames"),
                    JAVA_LONG.withName("python_ns"),
                    JAVA_LONG.withName("nested"),
                    MemoryLayout.sequenceLayout(WalkEnd.values().length, JAVA_LONG)
                            .withName("ends"))
            .withName("cpu_counters");

    private CpuCounters() {}

    /** A counter by its name in C. */
    public static long get(MemorySegment counters, String name) {
        return counters.get(JAVA_LONG, LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(name)));
    }
}
