package io.perfagent.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What the scheduler has done with the threads of a process, or of several.
 *
 * @param pid of the process; 0 where it is of several
 * @param comm its name
 * @param switches how often a thread left its CPU, by {@link SwitchReason}
 * @param migrations how often one was moved to another CPU
 * @param minorFaults page faults that took no I/O
 * @param majorFaults page faults that did
 * @param slicesUnseen how often one left a CPU and had not been seen to come onto it
 * @param waitsUnseen how often one came onto a CPU of which it was not known since when it had waited
 * @param hardware by {@link HardwareCounter}
 * @param slices on a CPU, from one switch to the next
 * @param waits for a CPU, from when a thread was woken or had to leave one
 */
public record Scheduling(
        int pid,
        String comm,
        List<Long> switches,
        long migrations,
        long minorFaults,
        long majorFaults,
        long slicesUnseen,
        long waitsUnseen,
        List<HardwareCount> hardware,
        Spread slices,
        Spread waits) {
    public long switches(SwitchReason reason) {
        return switches.get(reason.ordinal());
    }

    public HardwareCount hardware(HardwareCounter counter) {
        return hardware.get(counter.ordinal());
    }

    public long allSwitches() {
        return switches.stream().mapToLong(Long::longValue).sum();
    }

    /** Of both together. */
    public Scheduling plus(Scheduling other) {
        List<Long> bothSwitches = new ArrayList<>();
        for (SwitchReason reason : SwitchReason.values()) {
            bothSwitches.add(switches(reason) + other.switches(reason));
        }
        List<HardwareCount> bothHardware = new ArrayList<>();
        for (HardwareCounter counter : HardwareCounter.values()) {
            bothHardware.add(hardware(counter).plus(other.hardware(counter)));
        }
        return new Scheduling(
                0,
                "",
                bothSwitches,
                migrations + other.migrations,
                minorFaults + other.minorFaults,
                majorFaults + other.majorFaults,
                slicesUnseen + other.slicesUnseen,
                waitsUnseen + other.waitsUnseen,
                bothHardware,
                slices.plus(other.slices),
                waits.plus(other.waits));
    }
}
