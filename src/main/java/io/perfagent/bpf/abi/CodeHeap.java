package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * {@code struct code_heap}: a part of a JVM's code cache.
 *
 * @param start runtime address
 * @param end of what is reserved, exclusive
 * @param segments runtime address of the first segment's byte in the segment map
 */
public record CodeHeap(long start, long end, long segments) {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("start"), JAVA_LONG.withName("end"), JAVA_LONG.withName("segments"))
            .withName("code_heap");

    /** Whether an address lies in it. */
    public boolean contains(long address) {
        return Long.compareUnsigned(address - start, end - start) < 0;
    }
}
