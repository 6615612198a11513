package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * {@code struct blob_field}: a signed number in the head of a block of a JVM's code.
 *
 * @param offset from the block's start, bytes, below {@link Limits#BLOB_HEAD_BYTES}
 * @param size 1, 2, 4 or 8 bytes
 */
public record BlobField(int offset, int size) {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_BYTE.withName("offset"), JAVA_BYTE.withName("size"))
            .withName("blob_field");
}
