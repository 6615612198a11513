package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.HardwareCounter;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/** The BPF object that counts what the scheduler does, sized for this machine. */
public final class SchedulerObject {
    /** Alone in .rodata; named as in C. */
    static final StructLayout CONFIG = MemoryLayout.structLayout(
                    JAVA_INT.withName("all_processes"),
                    JAVA_INT.withName("pid_namespace"),
                    JAVA_INT.withName("process_slots"),
                    JAVA_INT.withName("cpus"),
                    JAVA_INT.withName("hardware"))
            .withName("scheduler_config");

    private SchedulerObject() {}

    /** Sizes, configures and loads the object. */
    public static BpfObject load(SchedulerConfig config) throws LinuxException {
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
    static BpfObject open(SchedulerConfig config) throws LinuxException {
        BpfObject object = BpfObject.open(image());
        try {
            object.setMaxEntries("cpus", config.cpus());
            object.setMaxEntries("schedulings", Math.max(config.cpus(), config.processSlots()));
            object.setMaxEntries("slots", Math.max(1, config.processSlots()));
            object.setMaxEntries("hardware", HardwareCounter.values().length * config.cpus());
            if (config.allProcesses() || !config.children()) {
                object.leaveOut("follow_fork");
            }
            if (config.allProcesses()) {
                object.leaveOut("forget_process");
                object.setMaxEntries("given", 1);
                object.setMaxEntries("targets", 1);
            }
            object.setConstant(offset("all_processes"), config.allProcesses() ? 1 : 0);
            object.setConstant(offset("pid_namespace"), config.pidNamespace());
            object.setConstant(offset("process_slots"), config.processSlots());
            object.setConstant(offset("cpus"), config.cpus());
            object.setConstant(offset("hardware"), config.hardware() ? 1 : 0);
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }

    static byte[] image() {
        return BpfObject.image("scheduler.bpf.o");
    }

    private static int offset(String field) {
        return (int) CONFIG.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
