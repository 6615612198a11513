package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Event;
import io.perfagent.model.StackCopies;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.List;

/** The sampler's BPF object, sized for this machine and loaded. */
public final class SamplerObject {
    /** Alone in .rodata; named as in C. */
    static final StructLayout CONFIG = MemoryLayout.structLayout(
                    JAVA_INT.withName("unwind_mode"),
                    JAVA_INT.withName("all_processes"),
                    JAVA_INT.withName("copy_mode"),
                    JAVA_INT.withName("pid_namespace"),
                    JAVA_INT.withName("agent"),
                    JAVA_INT.withName("wait_threshold"),
                    JAVA_INT.withName("shortest_wait"),
                    JAVA_INT.withName("children"),
                    JAVA_INT.withName("cpus"),
                    JAVA_INT.withName("wakers"),
                    JAVA_INT.withName("event_period"),
                    JAVA_INT.withName("wall"),
                    JAVA_INT.withName("absence_sets"),
                    JAVA_INT.withName("tells_switch_end"))
            .withName("sampler_config");

    private static final List<String> WAIT_PROGRAMS = List.of(
            "switch_tasks",
            "end_switch",
            "wake_task",
            "fork_task",
            "prepare_waits",
            "prepare_waits_timeless",
            "cut_threads");

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
            for (String perCpu : new String[] {"walks", "caches"}) {
                object.setMaxEntries(perCpu, config.cpus());
            }
            object.setMaxEntries("counters", config.cpus() * Event.values().length);
            object.setMaxEntries("copies", config.copies() == StackCopies.NEVER ? 1 : config.cpus());
            object.setMaxEntries("processes", config.processes());
            object.setMaxEntries("slabs", Limits.MAX_SLABS);
            object.setMaxEntries("ring", config.ringBytes());
            object.setMaxEntries("code_objects", SamplerConfig.CODE_OBJECT_BYTES);
            object.setMaxEntries("unknown_code", SamplerConfig.UNKNOWN_CODE_BYTES);
            if (!config.listsThreads()) {
                object.leaveOut("list_threads");
            }
            object.setConstant(offset("unwind_mode"), config.unwind().ordinal());
            object.setConstant(offset("all_processes"), config.scope() == SamplerConfig.Scope.ALL ? 1 : 0);
            object.setConstant(offset("children"), config.scope() == SamplerConfig.Scope.ANNOUNCED ? 0 : 1);
            object.setConstant(offset("copy_mode"), config.copies().ordinal());
            object.setConstant(offset("pid_namespace"), config.pidNamespace());
            object.setConstant(offset("agent"), config.agent());
            setWaits(object, config);
            setEvent(object, config);
            return object;
        } catch (LinuxException | RuntimeException e) {
            object.close();
            throw e;
        }
    }

    private static void setWaits(BpfObject object, SamplerConfig config) throws LinuxException {
        SamplerConfig.WaitConfig waits = config.waits();
        if (waits == null) {
            for (String program : WAIT_PROGRAMS) {
                object.leaveOut(program);
            }
            return;
        }
        object.leaveOut(waits.timers() ? "prepare_waits_timeless" : "prepare_waits");
        if (!waits.atSwitchEnd()) {
            object.leaveOut("end_switch");
        }
        object.setMaxEntries("resumptions", config.cpus() * (waits.wakers() ? 2 : 1));
        object.setMaxEntries("wait_counters", config.cpus());
        object.setMaxEntries("switch_clocks", config.cpus());
        object.setMaxEntries("absences", waits.places());
        object.setMaxEntries("absence_sets", waits.places() / Limits.ABSENCE_SET_SIZE);
        object.setConstant(offset("absence_sets"), waits.places() / Limits.ABSENCE_SET_SIZE);
        object.setMaxEntries("ended_threads", SamplerConfig.endedThreadsBytes(waits.wall()));
        object.setConstant(offset("wall"), waits.wall() ? 1 : 0);
        object.setConstant(offset("wait_threshold"), waits.thresholdNanos());
        object.setConstant(offset("shortest_wait"), waits.shortestMicros());
        object.setConstant(offset("wakers"), waits.wakers() ? 1 : 0);
        object.setConstant(offset("cpus"), config.cpus());
        object.setConstant(offset("tells_switch_end"), waits.atSwitchEnd() ? 1 : 0);
    }

    private static void setEvent(BpfObject object, SamplerConfig config) throws LinuxException {
        SamplerConfig.EventConfig event = config.event();
        String wanted = event == null ? "sample_cpu" : event.program();
        for (String program : new String[] {"sample_cpu", "sample_event", "sample_tracepoint"}) {
            if (!program.equals(wanted)) {
                object.leaveOut(program);
            }
        }
        object.setMaxEntries("paces", config.cpus());
        object.setConstant(offset("event_period"), event == null ? 1 : event.period());
    }

    private static int offset(String field) {
        return (int) CONFIG.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
