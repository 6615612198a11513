package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.Descriptor;
import io.perfagent.model.GilUse;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Wait;
import io.perfagent.model.WaitCauses;
import io.perfagent.model.Waking;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/** {@code struct wait}: how long a task was off the CPU, and why. */
public final class WaitRecord {
    private static final StructLayout PART = MemoryLayout.structLayout(
                    JAVA_LONG.withName("ns"), JAVA_LONG.withName("weight"))
            .withName("wait_part");

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    PART.withName("blocked"),
                    PART.withName("queued"),
                    JAVA_LONG.withName("argument"),
                    JAVA_LONG.withName("holder"),
                    JAVA_LONG.withName("waker"),
                    JAVA_LONG.withName("waking"),
                    JAVA_INT.withName("call"),
                    JAVA_INT.withName("state"))
            .withName("wait");

    private static final long BLOCKED = offset("blocked");
    private static final long QUEUED = offset("queued");
    private static final long ARGUMENT = offset("argument");
    private static final long WAKING = offset("waking");
    private static final long CALL = offset("call");
    private static final long STATE = offset("state");

    private WaitRecord() {}

    /**
     * A sample for each part that was chosen; of a thread that has ended waits, one.
     *
     * @param record that it is in
     * @param at where it begins
     * @param argument what the first argument of the system call stands for, were that a descriptor
     */
    static List<Sample> parts(Sample one, RecordWords record, long at, Descriptor argument, WaitCauses causes) {
        Sample sample = one.with(new Waking(record.longAt(at + WAKING), null, 0));
        if (sample.wakes()) {
            return List.of(sample);
        }
        List<Sample> parts = new ArrayList<>(2);
        ThreadState blocked = causes.of(
                TaskState.activity(record.intAt(at + STATE)), record.intAt(at + CALL), record.longAt(at + ARGUMENT));
        long blockedNanos = nanos(record, at + BLOCKED);
        ThreadState known = sample.gil().role() == GilUse.Role.AWAITED ? ThreadState.GIL : blocked;
        add(
                parts,
                sample.with(
                        new Wait(
                                known,
                                blockedNanos,
                                sure(record, at + BLOCKED),
                                causes.descriptor(record.intAt(at + CALL), argument)),
                        weight(record, at + BLOCKED),
                        sample.gil()));
        long queuedNanos = blockedNanos == 0 ? nanos(record, at + QUEUED) : Wait.END;
        GilUse queued = sample.gil().role() == GilUse.Role.AWAITED ? GilUse.NONE : sample.gil();
        add(
                parts,
                sample.with(
                                new Wait(ThreadState.RUNQUEUE, queuedNanos, sure(record, at + QUEUED)),
                                weight(record, at + QUEUED),
                                queued)
                        .with(Waking.NONE));
        return parts;
    }

    private static void add(List<Sample> parts, Sample sample) {
        if (sample.weight() != 0) {
            parts.add(sample);
        }
    }

    private static boolean sure(RecordWords record, long part) {
        return weight(record, part) == nanos(record, part);
    }

    private static long nanos(RecordWords record, long part) {
        return record.longAt(part);
    }

    private static long weight(RecordWords record, long part) {
        return record.longAt(part + Long.BYTES);
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
