package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.HardwareCount;
import io.perfagent.model.HardwareCounter;
import io.perfagent.model.Scheduling;
import io.perfagent.model.Spread;
import io.perfagent.model.SwitchReason;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;

/** {@code struct scheduling}: what was counted of threads. */
public final class SchedulingRecord {
    public static final int SPREAD_STEP_SHIFT = 4;
    public static final int SPREAD_VALUE_BITS = 48;
    public static final int SPREAD_BUCKETS = 720;

    /** Named as in C. */
    public static final StructLayout SPREAD = MemoryLayout.structLayout(
                    JAVA_LONG.withName("sum"),
                    JAVA_LONG.withName("longest"),
                    JAVA_LONG.withName("cut"),
                    MemoryLayout.sequenceLayout(SPREAD_BUCKETS, JAVA_LONG).withName("buckets"))
            .withName("spread");

    public static final StructLayout HARDWARE_COUNT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("count"), JAVA_LONG.withName("enabled"), JAVA_LONG.withName("running"))
            .withName("hardware_count");

    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("started"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("reserved"),
                    MemoryLayout.sequenceLayout(SampleRecord.COMM_LENGTH, JAVA_BYTE)
                            .withName("comm"),
                    MemoryLayout.sequenceLayout(SwitchReason.values().length, JAVA_LONG)
                            .withName("switches"),
                    JAVA_LONG.withName("migrations"),
                    JAVA_LONG.withName("minor_faults"),
                    JAVA_LONG.withName("major_faults"),
                    JAVA_LONG.withName("slices_unseen"),
                    JAVA_LONG.withName("waits_unseen"),
                    MemoryLayout.sequenceLayout(HardwareCounter.values().length, HARDWARE_COUNT)
                            .withName("hardware"),
                    SPREAD.withName("slices"),
                    SPREAD.withName("waits"))
            .withName("scheduling");

    private SchedulingRecord() {}

    public static Scheduling decode(MemorySegment record) {
        MemorySegment switches = part(record, "switches");
        List<Long> byReason = new ArrayList<>();
        for (SwitchReason reason : SwitchReason.values()) {
            byReason.add(switches.getAtIndex(JAVA_LONG, reason.ordinal()));
        }
        MemorySegment hardware = part(record, "hardware");
        List<HardwareCount> byCounter = new ArrayList<>();
        for (HardwareCounter counter : HardwareCounter.values()) {
            long first = 3L * counter.ordinal();
            byCounter.add(new HardwareCount(
                    hardware.getAtIndex(JAVA_LONG, first),
                    hardware.getAtIndex(JAVA_LONG, first + 1),
                    hardware.getAtIndex(JAVA_LONG, first + 2)));
        }
        return new Scheduling(
                part(record, "pid").get(JAVA_INT, 0),
                SampleRecord.comm(record, LAYOUT.byteOffset(PathElement.groupElement("comm"))),
                List.copyOf(byReason),
                number(record, "migrations"),
                number(record, "minor_faults"),
                number(record, "major_faults"),
                number(record, "slices_unseen"),
                number(record, "waits_unseen"),
                List.copyOf(byCounter),
                spread(part(record, "slices")),
                spread(part(record, "waits")));
    }

    private static Spread spread(MemorySegment spread) {
        long buckets = SPREAD.byteOffset(PathElement.groupElement("buckets"));
        return new Spread(
                spread.get(JAVA_LONG, SPREAD.byteOffset(PathElement.groupElement("sum"))),
                spread.get(JAVA_LONG, SPREAD.byteOffset(PathElement.groupElement("longest"))),
                spread.get(JAVA_LONG, SPREAD.byteOffset(PathElement.groupElement("cut"))),
                spread.asSlice(buckets).toArray(JAVA_LONG));
    }

    private static long number(MemorySegment record, String field) {
        return part(record, field).get(JAVA_LONG, 0);
    }

    private static MemorySegment part(MemorySegment record, String field) {
        PathElement path = PathElement.groupElement(field);
        return record.asSlice(LAYOUT.byteOffset(path), LAYOUT.select(path).byteSize());
    }
}
