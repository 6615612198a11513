package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ProcLimits;
import org.junit.jupiter.api.Test;

class MemoryLimitTest {
    private static final ProcLimits LIMITS = new ProcLimits("""
            Limit                     Soft Limit           Hard Limit           Units
            Max data size             unlimited            unlimited            bytes
            Max open files            1024                 1048576              files
            Max address space         104857600            unlimited            bytes
            """);

    @Test
    void softLimits() {
        assertThat(LIMITS.soft(ProcLimits.OPEN_FILES)).isEqualTo(1024);
        assertThat(LIMITS.soft(ProcLimits.ADDRESS_SPACE)).isEqualTo(100 << 20);
        assertThat(LIMITS.soft(ProcLimits.DATA)).isEqualTo(Long.MAX_VALUE);
        assertThat(new ProcLimits("").soft(ProcLimits.DATA)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsLeft() {
        long limit = LIMITS.soft(ProcLimits.ADDRESS_SPACE);
        assertThat(MemoryLimit.obstacle("RLIMIT_AS", limit, "   36864 kB")).isNull();
        assertThat(MemoryLimit.obstacle("RLIMIT_AS", limit, "   36865 kB")).contains("(RLIMIT_AS) leaves 65535 KiB");
        assertThat(MemoryLimit.obstacle("RLIMIT_AS", limit, "999999999 kB")).contains("leaves 0 KiB");
        assertThat(MemoryLimit.obstacle("RLIMIT_DATA", Long.MAX_VALUE, "36864 kB"))
                .isNull();
    }

    /** A process that ends between two looks shows no memory any more. */
    @Test
    void nothingOfOneThatHasEnded() {
        assertThat(MemoryLimit.obstacle("RLIMIT_AS", Long.MAX_VALUE, "")).isNull();
    }
}
