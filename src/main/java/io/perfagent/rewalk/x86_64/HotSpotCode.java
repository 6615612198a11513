package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A JVM's blobs of code, found as {@code bpf/hotspot.h} finds them: by the segment map, hop by hop. */
record HotSpotCode(HotSpotEntry jvm, CodeMemory memory) {
    private static final int FREE_SEGMENT = 255;
    private static final int MOST_HOPS = 32;
    private static final String ADAPTER = "I2C/";

    /**
     * A blob.
     *
     * @param frameWords up to the CFA; 0 or less: the code has no frame of one size
     * @param frameComplete bytes of code before the frame is made; negative: unknown
     * @param code where its code begins
     * @param adapter whether it leads from compiled code to the interpreter or back
     */
    record Blob(int frameWords, long frameComplete, long code, boolean adapter) {}

    /** The blob that holds an address. */
    @Nullable
    Blob blob(long address) {
        for (CodeHeap heap : jvm.heaps()) {
            if (heap.contains(address)) {
                long block = block(heap, address);
                return block == 0 ? null : blobOf(block, address);
            }
        }
        return null;
    }

    /** {@code length} bytes of code from an address on; null where they cannot be read. */
    byte @Nullable [] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        return memory.read(address, bytes, 0, length) ? bytes : null;
    }

    /** The word at an address that is no stack's; 0 where it cannot be read. */
    long word(long address) {
        byte[] bytes = bytes(address, Long.BYTES);
        return bytes == null ? 0 : littleEndian(bytes).getLong(0);
    }

    private long block(CodeHeap heap, long address) {
        long segment = (address - heap.start()) >>> jvm.segmentShift();
        for (int hop = 0; hop < MOST_HOPS; hop++) {
            byte[] back = bytes(heap.segments() + segment, 1);
            if (back == null || Byte.toUnsignedInt(back[0]) == FREE_SEGMENT) {
                return 0;
            }
            if (back[0] == 0) {
                return heap.start() + (segment << jvm.segmentShift());
            }
            segment -= Byte.toUnsignedInt(back[0]);
        }
        return 0;
    }

    private @Nullable Blob blobOf(long block, long address) {
        byte[] bytes = bytes(block, Limits.BLOB_HEAD_BYTES + Long.BYTES);
        if (bytes == null) {
            return null;
        }
        ByteBuffer head = littleEndian(bytes);
        long blob = block + jvm.blockHeader();
        if (value(head, jvm.used()) == 0 || Long.compareUnsigned(address - blob, value(head, jvm.blobSize())) >= 0) {
            return null;
        }
        long code = value(head, jvm.code());
        return new Blob(
                (int) value(head, jvm.frameSize()),
                value(head, jvm.frameComplete()),
                jvm.code().size() == Long.BYTES ? code : blob + code,
                isAdapter(value(head, jvm.name())));
    }

    private boolean isAdapter(long name) {
        byte[] letters = bytes(name, ADAPTER.length());
        return letters != null && ADAPTER.equals(new String(letters, StandardCharsets.ISO_8859_1));
    }

    private static long value(ByteBuffer head, BlobField field) {
        int shift = Long.SIZE - 8 * field.size();
        return head.getLong(field.offset()) << shift >> shift;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
