package io.perfagent.bpf.abi;

import io.perfagent.model.Sample;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Records of the ring: one that is shorter than it says is an {@link IndexOutOfBoundsException}, as declared. */
public final class SampleRecordFuzzer {
    private static final int FRAMES = 7;

    private SampleRecordFuzzer() {}

    public static List<byte[]> seeds() {
        int size = (int) SampleRecord.LAYOUT.byteSize();
        ByteBuffer record = ByteBuffer.allocate(size + Long.BYTES * FRAMES).order(ByteOrder.nativeOrder());
        record.putLong(0, 1)
                .putInt(8, 42)
                .putInt(12, 43)
                .putShort(20, (short) 3)
                .putShort(22, (short) 4);
        record.put(size - 16, "comm".getBytes(StandardCharsets.US_ASCII));
        return List.of(record.array());
    }

    public static void fuzzerTestOneInput(byte[] input) {
        // Records in the ring are aligned to eight bytes.
        MemorySegment record =
                MemorySegment.ofArray(new long[(input.length + 7) / 8]).asSlice(0, input.length);
        MemorySegment.copy(MemorySegment.ofArray(input), 0, record, 0, input.length);
        try {
            Sample sample = SampleRecord.decode(record);
            long frames = (long) sample.kernel().length + sample.user().length;
            if (SampleRecord.LAYOUT.byteSize() + Long.BYTES * frames > input.length) {
                throw new AssertionError(frames + " frames out of " + input.length + " bytes");
            }
        } catch (IndexOutOfBoundsException _) {
            // as declared
        }
    }
}
