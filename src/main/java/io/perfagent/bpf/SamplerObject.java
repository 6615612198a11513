package io.perfagent.bpf;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.StackCopies;

/** The sampler's BPF object, sized for this machine and loaded. */
public final class SamplerObject {
    private static final int CONFIG_UNWIND_MODE = 0; // struct sampler_config, alone in .rodata
    private static final int CONFIG_ALL_PROCESSES = 4;
    private static final int CONFIG_COPY_MODE = 8;
    private static final int CONFIG_PID_NAMESPACE = 12;

    private SamplerObject() {}

    /** Sizes, configures and loads the object. */
    public static BpfObject load(SamplerConfig config) throws LinuxException {
        BpfObject object = open(config);
        try {
            object.load();
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }

    /** As {@link #load}, but not yet loaded. */
    static BpfObject open(SamplerConfig config) throws LinuxException {
        BpfObject object = BpfObject.openSampler();
        try {
            for (String perCpu : new String[] {"walks", "caches", "counters"}) {
                object.setMaxEntries(perCpu, config.cpus());
            }
            object.setMaxEntries("copies", config.copies() == StackCopies.NEVER ? 1 : config.cpus());
            object.setMaxEntries("processes", config.processes());
            object.setMaxEntries("slabs", Limits.MAX_SLABS);
            object.setMaxEntries("ring", config.ringBytes());
            object.setConstant(CONFIG_UNWIND_MODE, config.unwind().ordinal());
            object.setConstant(CONFIG_ALL_PROCESSES, config.allProcesses() ? 1 : 0);
            object.setConstant(CONFIG_COPY_MODE, config.copies().ordinal());
            object.setConstant(CONFIG_PID_NAMESPACE, config.pidNamespace());
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }
}
