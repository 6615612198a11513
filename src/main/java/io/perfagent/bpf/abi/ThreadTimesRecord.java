package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.ThreadSpan;
import io.perfagent.model.ThreadTimes;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct thread_times}, and {@code struct ended_thread}, which has one. */
public final class ThreadTimesRecord {
    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("running"),
                    JAVA_LONG.withName("blocked"),
                    JAVA_LONG.withName("queued"),
                    JAVA_LONG.withName("sure_blocked"),
                    JAVA_LONG.withName("sure_queued"))
            .withName("thread_times");

    /** Likewise. */
    public static final StructLayout ENDED = MemoryLayout.structLayout(
                    JAVA_INT.withName("tid"),
                    JAVA_INT.withName("pid"),
                    LAYOUT.withName("times"),
                    MemoryLayout.sequenceLayout(SampleRecord.COMM_LENGTH, JAVA_BYTE)
                            .withName("comm"))
            .withName("ended_thread");

    private static final long TID = ended("tid");
    private static final long PID = ended("pid");
    private static final long TIMES = ended("times");
    private static final long COMM = ended("comm");

    private ThreadTimesRecord() {}

    /** Copies the times at a place of a record. */
    static ThreadTimes decode(MemorySegment record, long at) {
        return new ThreadTimes(
                record.get(JAVA_LONG, at + offset("running")),
                record.get(JAVA_LONG, at + offset("blocked")),
                record.get(JAVA_LONG, at + offset("queued")),
                record.get(JAVA_LONG, at + offset("sure_blocked")),
                record.get(JAVA_LONG, at + offset("sure_queued")));
    }

    /** Copies what is known of a thread that has ended. */
    public static ThreadSpan decodeEnded(MemorySegment record) {
        return new ThreadSpan(
                record.get(JAVA_INT, PID),
                record.get(JAVA_INT, TID),
                SampleRecord.comm(record, COMM),
                decode(record, TIMES));
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    private static long ended(String field) {
        return ENDED.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
