package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct sent_code}: a code object as it was when a sample met it first. */
public final class SentCode {
    private static final int OBJECT_COUNT = 6;

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("code"),
                    JAVA_LONG.withName("function"),
                    MemoryLayout.sequenceLayout(OBJECT_COUNT, JAVA_LONG).withName("objects"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("tag"),
                    MemoryLayout.sequenceLayout(Limits.PYTHON_CODE_BYTES, JAVA_BYTE)
                            .withName("head"),
                    MemoryLayout.sequenceLayout(Limits.SENT_TEXT_BYTES, JAVA_BYTE)
                            .withName("name"),
                    MemoryLayout.sequenceLayout(Limits.SENT_TEXT_BYTES, JAVA_BYTE)
                            .withName("file"),
                    MemoryLayout.sequenceLayout(Limits.SENT_TABLE_BYTES, JAVA_BYTE)
                            .withName("lines"),
                    MemoryLayout.sequenceLayout(Limits.PYTHON_FUNCTION_BYTES, JAVA_BYTE)
                            .withName("function_head"),
                    MemoryLayout.sequenceLayout(Limits.SENT_TEXT_BYTES, JAVA_BYTE)
                            .withName("function_name"),
                    MemoryLayout.sequenceLayout(Limits.SENT_TEXT_BYTES, JAVA_BYTE)
                            .withName("function_module"))
            .withName("sent_code");

    private static final long CODE = offset("code");
    private static final long FUNCTION = offset("function");
    private static final long ADDRESSES = offset("objects");
    private static final long PID = offset("pid");
    private static final long TAG = offset("tag");
    private static final long[] OBJECTS = {
        offset("head"),
        offset("name"),
        offset("file"),
        offset("lines"),
        offset("function_head"),
        offset("function_name"),
        offset("function_module")
    };
    private static final int[] SIZES = {
        Limits.PYTHON_CODE_BYTES,
        Limits.SENT_TEXT_BYTES,
        Limits.SENT_TEXT_BYTES,
        Limits.SENT_TABLE_BYTES,
        Limits.PYTHON_FUNCTION_BYTES,
        Limits.SENT_TEXT_BYTES,
        Limits.SENT_TEXT_BYTES
    };

    private final MemorySegment record;

    /** @param record that stays as it is */
    public SentCode(MemorySegment record) {
        this.record = record;
    }

    public int pid() {
        return record.get(JAVA_INT, PID);
    }

    public long code() {
        return record.get(JAVA_LONG, CODE);
    }

    /** Address of the function that ran it, where its version's frames know that; else any number. */
    public long function() {
        return record.get(JAVA_LONG, FUNCTION);
    }

    public int tag() {
        return record.get(JAVA_INT, TAG);
    }

    /** Bytes of the process's memory, where they are among those that were sent; else false. */
    public boolean read(long address, byte[] to, int at, int length) {
        for (int object = 0; object < OBJECTS.length; object++) {
            long start = object == 0 ? code() : record.get(JAVA_LONG, ADDRESSES + (object - 1L) * Long.BYTES);
            long from = address - start;
            if (from >= 0 && from + length <= SIZES[object] && start != 0) {
                MemorySegment.copy(record, JAVA_BYTE, OBJECTS[object] + from, to, at, length);
                return true;
            }
        }
        return false;
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
