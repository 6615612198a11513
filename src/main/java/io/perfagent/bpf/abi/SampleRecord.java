package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.Wait;
import io.perfagent.model.WaitCauses;
import io.perfagent.model.Waking;
import io.perfagent.model.WalkEnd;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** {@code struct sample_record}, followed by the kernel's and the user's addresses and the words of CPython's frames. */
public final class SampleRecord {
    static final int COMM_LENGTH = 16;

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("time_ns"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("tid"),
                    JAVA_INT.withName("walk_ns"),
                    JAVA_SHORT.withName("kernel_frames"),
                    JAVA_SHORT.withName("user_frames"),
                    JAVA_BYTE.withName("walk_end"),
                    JAVA_BYTE.withName("in_kernel"),
                    JAVA_BYTE.withName("guessed"),
                    JAVA_BYTE.withName("python_end"),
                    JAVA_INT.withName("copied"),
                    JAVA_SHORT.withName("python_words"),
                    JAVA_BYTE.withName("event"),
                    JAVA_BYTE.withName("descriptor"),
                    MemoryLayout.sequenceLayout(4, JAVA_BYTE).withName("reserved"),
                    JAVA_LONG.withName("weight"),
                    WaitRecord.LAYOUT.withName("wait"),
                    GilRecord.LAYOUT.withName("gil"),
                    MemoryLayout.sequenceLayout(COMM_LENGTH, JAVA_BYTE).withName("comm"))
            .withName("sample_record");

    private static final long TIME = offset("time_ns");
    private static final long PID = offset("pid");
    private static final long TID = offset("tid");
    private static final long KERNEL_FRAMES = offset("kernel_frames");
    private static final long USER_FRAMES = offset("user_frames");
    private static final long END = offset("walk_end");
    private static final long GUESSED = offset("guessed");
    private static final long COPIED = offset("copied");
    private static final long PYTHON_WORDS = offset("python_words");
    private static final long PYTHON_END = offset("python_end");
    private static final long EVENT = offset("event");
    private static final long DESCRIPTOR = offset("descriptor");
    private static final long WEIGHT = offset("weight");
    private static final long WAIT = offset("wait");
    private static final long GIL = offset("gil");
    private static final long COMM = offset("comm");

    private SampleRecord() {}

    /** When it was taken, CLOCK_MONOTONIC. */
    public static long timeNanos(MemorySegment record) {
        return record.get(JAVA_LONG, TIME);
    }

    /** The sample of a record, or of one of time off the CPU those of its parts, which have the rest in common. */
    public static List<Sample> decodeAll(MemorySegment record, WaitCauses causes) {
        RecordWords fields = fields(record);
        Sample sample = decode(record, fields);
        List<Sample> parts = sample.event() == Event.CPU_CLOCK
                ? List.of()
                : WaitRecord.parts(sample, fields, WAIT, Descriptor.of(fields.byteAt(DESCRIPTOR)), causes);
        return parts.isEmpty() ? List.of(sample) : parts;
    }

    /** Copies a record out of the ring; throws {@link IndexOutOfBoundsException} where it is shorter than it says. */
    public static Sample decode(MemorySegment record) {
        return decode(record, fields(record));
    }

    private static RecordWords fields(MemorySegment record) {
        return new RecordWords(record, 0, LAYOUT.byteSize());
    }

    private static Sample decode(MemorySegment record, RecordWords fields) {
        int kernelFrames = fields.shortAt(KERNEL_FRAMES);
        int userFrames = fields.shortAt(USER_FRAMES);
        int pythonWords = fields.shortAt(PYTHON_WORDS);
        RecordWords stacks = new RecordWords(record, LAYOUT.byteSize(), 8L * (kernelFrames + userFrames + pythonWords));
        return new Sample(
                Event.of(fields.byteAt(EVENT)),
                fields.longAt(WEIGHT),
                fields.longAt(TIME),
                fields.intAt(PID),
                fields.intAt(TID),
                fields.threadNameAt(COMM),
                lowered(stacks.words(0, kernelFrames)),
                stacks.words(kernelFrames, userFrames),
                python(stacks.words(kernelFrames + userFrames, pythonWords), fields.byteAt(PYTHON_END)),
                WalkEnd.of(fields.byteAt(END)),
                fields.byteAt(GUESSED) != 0,
                Wait.NONE,
                GilRecord.decode(fields, GIL),
                Waking.NONE);
    }

    private static PythonFrames python(long[] words, int end) {
        return words.length == 0 && end == 0 ? PythonFrames.NONE : new PythonFrames(words, PythonFrames.End.of(end));
    }

    /** What the sample took along: a {@link StoppedWalk}, inside the record; empty where it took nothing. */
    public static MemorySegment copy(MemorySegment record) {
        int copied = record.get(JAVA_INT, COPIED);
        if (copied == 0) {
            return MemorySegment.NULL;
        }
        int words = Short.toUnsignedInt(record.get(JAVA_SHORT, KERNEL_FRAMES))
                + Short.toUnsignedInt(record.get(JAVA_SHORT, USER_FRAMES))
                + Short.toUnsignedInt(record.get(JAVA_SHORT, PYTHON_WORDS));
        return record.asSlice(LAYOUT.byteSize() + 8L * words, copied);
    }

    static long[] addresses(MemorySegment record, long from, int count) {
        Objects.checkFromIndexSize(from, 8L * count, record.byteSize());
        long[] addresses = new long[count];
        MemorySegment.copy(record, JAVA_LONG, from, addresses, 0, count);
        return addresses;
    }

    /** The kernel gives the interrupted address, then return addresses: those lie behind the call. */
    static long[] lowered(long[] addresses) {
        for (int i = 1; i < addresses.length; i++) {
            addresses[i]--;
        }
        return addresses;
    }

    static String comm(MemorySegment record, long at) {
        byte[] comm = new byte[COMM_LENGTH];
        MemorySegment.copy(record, JAVA_BYTE, at, comm, 0, COMM_LENGTH);
        int length = 0;
        while (length < COMM_LENGTH && comm[length] != 0) {
            length++;
        }
        return new String(comm, 0, length, StandardCharsets.UTF_8);
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
