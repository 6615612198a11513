package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct bpf_test_run_opts} of libbpf's {@code bpf/bpf.h}. */
final class TestRun {
    static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("sz"),
                    JAVA_LONG.withName("data_in"),
                    JAVA_LONG.withName("data_out"),
                    JAVA_INT.withName("data_size_in"),
                    JAVA_INT.withName("data_size_out"),
                    JAVA_LONG.withName("ctx_in"),
                    JAVA_LONG.withName("ctx_out"),
                    JAVA_INT.withName("ctx_size_in"),
                    JAVA_INT.withName("ctx_size_out"),
                    JAVA_INT.withName("retval"),
                    JAVA_INT.withName("repeat"),
                    JAVA_INT.withName("duration"),
                    JAVA_INT.withName("flags"),
                    JAVA_INT.withName("cpu"),
                    JAVA_INT.withName("batch_size"))
            .withName("bpf_test_run_opts");

    private static final int ON_CPU = 1; // include/uapi/linux/bpf.h, BPF_F_TEST_RUN_ON_CPU

    private TestRun() {}

    /** Asks for a run on a CPU. */
    static void onCpu(MemorySegment options, int cpu) {
        options.set(JAVA_LONG, offset("sz"), LAYOUT.byteSize());
        options.set(JAVA_INT, offset("flags"), ON_CPU);
        options.set(JAVA_INT, offset("cpu"), cpu);
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
