package io.perfagent.bpf;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;

/** The sampler's BPF object, sized for this machine and loaded. */
public final class SamplerObject {
    private static final int CONFIG_UNWIND_MODE = 0; // struct sampler_config, alone in .rodata
    private static final int CONFIG_ALL_PROCESSES = 4;
    private static final int CONFIG_COPY_MODE = 8;

    private SamplerObject() {}

    /**
     * Sizes, configures and loads the object.
     *
     * @param cpus possible CPUs
     * @param processes that may be known at one time
     * @param ringBytes of the ring buffer, a power of two
     * @param mode how stacks are walked
     * @param allProcesses whether processes that were not announced are sampled too
     * @param copies which samples take a part of their stack along
     */
    public static BpfObject load(
            int cpus, int processes, int ringBytes, UnwindMode mode, boolean allProcesses, StackCopies copies)
            throws LinuxException {
        BpfObject object = open(cpus, processes, ringBytes, mode, allProcesses, copies);
        try {
            object.load();
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }

    /** As {@link #load}, but not yet loaded. */
    static BpfObject open(
            int cpus, int processes, int ringBytes, UnwindMode mode, boolean allProcesses, StackCopies copies)
            throws LinuxException {
        BpfObject object = BpfObject.openSampler();
        try {
            for (String perCpu : new String[] {"walks", "caches", "counters"}) {
                object.setMaxEntries(perCpu, cpus);
            }
            object.setMaxEntries("copies", copies == StackCopies.NEVER ? 1 : cpus);
            object.setMaxEntries("processes", processes);
            object.setMaxEntries("slabs", Limits.MAX_SLABS);
            object.setMaxEntries("ring", ringBytes);
            object.setConstant(CONFIG_UNWIND_MODE, mode.ordinal());
            object.setConstant(CONFIG_ALL_PROCESSES, allProcesses ? 1 : 0);
            object.setConstant(CONFIG_COPY_MODE, copies.ordinal());
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }
}
