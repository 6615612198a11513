package io.perfagent.bpf;

import io.perfagent.linux.CFunction;
import java.lang.foreign.Arena;

/** Tracepoints that not all kernels have. */
public final class KernelTracepoints {
    private static final int RAW_TRACEPOINT = 23; // BPF_TRACE_RAW_TP, include/uapi/linux/bpf.h
    private static final String SWITCH_END = "sched_exit_tp";

    private KernelTracepoints() {}

    /** Whether there is one behind each switch, in the task that runs from then on: Linux 6.15 or later. */
    public static boolean tellSwitchEnd() {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(SWITCH_END).address();
            return Libbpf.FIND_KERNEL_TYPE.callInt(CFunction.errnoIn(arena), name, RAW_TRACEPOINT) > 0;
        }
    }
}
