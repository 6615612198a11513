package io.perfagent.bpf;

import io.perfagent.linux.CFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Tracepoints that not all kernels have. */
public final class KernelTracepoints {
    private static final int RAW_TRACEPOINT = 23; // BPF_TRACE_RAW_TP, include/uapi/linux/bpf.h
    private static final String SWITCH_END = "sched_exit_tp";
    private static final long NOBODY = 0;

    private KernelTracepoints() {}

    /** Whether there is one behind each switch, in the task that runs from then on: Linux 6.15 or later. Throws {@link LibbpfMissingException}. */
    public static boolean tellSwitchEnd() {
        LibbpfFile.require();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = CFunction.errnoIn(arena);
            long name = arena.allocateFrom(SWITCH_END).address();
            long _ = Libbpf.SET_PRINT.call(capture, NOBODY); // it says where there is none
            return Libbpf.FIND_KERNEL_TYPE.callInt(capture, name, RAW_TRACEPOINT) > 0;
        }
    }
}
