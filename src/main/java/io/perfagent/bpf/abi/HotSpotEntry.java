package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;

/**
 * {@code struct hotspot}: where a JVM has its code, and how its version lays out what it knows of it.
 *
 * @param heaps at most {@link Limits#CODE_HEAPS}
 * @param interpreterStart runtime address
 * @param interpreterEnd exclusive
 * @param callStubReturn where Java code returns to the stub that C++ calls it by
 * @param continuationReturnAt where the address lies at which a virtual thread's first frame returns to its carrier's; 0 before JDK 21
 * @param used not 0: the block holds a blob
 * @param name address of a string
 * @param blobSize bytes
 * @param frameSize words up to the CFA; 0 or less: the code has no frame of one size
 * @param frameComplete bytes of code in front of the first that finds the frame made; negative: unknown
 * @param code where the code begins: 8 bytes are an address, 4 an offset from the blob
 * @param blockHeader bytes before the blob
 * @param segmentShift a segment has {@code 1 << segmentShift} bytes
 */
public record HotSpotEntry(
        List<CodeHeap> heaps,
        long interpreterStart,
        long interpreterEnd,
        long callStubReturn,
        long continuationReturnAt,
        BlobField used,
        BlobField name,
        BlobField blobSize,
        BlobField frameSize,
        BlobField frameComplete,
        BlobField code,
        int blockHeader,
        int segmentShift)
        implements RuntimeEntry {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    MemoryLayout.sequenceLayout(Limits.CODE_HEAPS, CodeHeap.LAYOUT)
                            .withName("heaps"),
                    JAVA_LONG.withName("interpreter_start"),
                    JAVA_LONG.withName("interpreter_end"),
                    JAVA_LONG.withName("call_stub_return"),
                    JAVA_LONG.withName("continuation_return_at"),
                    BlobField.LAYOUT.withName("used"),
                    BlobField.LAYOUT.withName("name"),
                    BlobField.LAYOUT.withName("blob_size"),
                    BlobField.LAYOUT.withName("frame_size"),
                    BlobField.LAYOUT.withName("frame_complete"),
                    BlobField.LAYOUT.withName("code"),
                    JAVA_BYTE.withName("block_header"),
                    JAVA_BYTE.withName("segment_shift"),
                    MemoryLayout.sequenceLayout(2, JAVA_BYTE).withName("reserved"))
            .withName("hotspot");

    private static final long INTERPRETER_START = offset("interpreter_start");
    private static final long FIRST_FIELD = offset("used");
    private static final long BLOCK_HEADER = offset("block_header");

    public HotSpotEntry {
        heaps = List.copyOf(heaps);
    }

    @Override
    public StructLayout layout() {
        return LAYOUT;
    }

    @Override
    public void write(MemorySegment words, long at) {
        MemorySegment to = words.asSlice(at * 4, LAYOUT.byteSize()).fill((byte) 0);
        for (int i = 0; i < heaps.size(); i++) {
            CodeHeap heap = heaps.get(i);
            writeLongs(to, i * CodeHeap.LAYOUT.byteSize(), heap.start(), heap.end(), heap.segments());
        }
        writeLongs(to, INTERPRETER_START, interpreterStart, interpreterEnd, callStubReturn, continuationReturnAt);
        long field = FIRST_FIELD;
        for (BlobField one : List.of(used, name, blobSize, frameSize, frameComplete, code)) {
            to.set(JAVA_BYTE, field++, (byte) one.offset());
            to.set(JAVA_BYTE, field++, (byte) one.size());
        }
        to.set(JAVA_BYTE, BLOCK_HEADER, (byte) blockHeader);
        to.set(JAVA_BYTE, BLOCK_HEADER + 1, (byte) segmentShift);
    }

    /** Whether an address lies in the interpreter. */
    public boolean inInterpreter(long address) {
        return Long.compareUnsigned(address - interpreterStart, interpreterEnd - interpreterStart) < 0;
    }

    private static void writeLongs(MemorySegment to, long at, long... values) {
        for (int i = 0; i < values.length; i++) {
            to.set(JAVA_LONG, at + 8L * i, values[i]);
        }
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
