package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ThreadSyscallTest {
    @Test
    void blocked() {
        String text = "202 0x7f39 0x189 0x0 0x0 0x0 0xffffffff 0x7ffd10 0x7f0155\n";
        assertThat(ThreadSyscall.parse(text)).isEqualTo(new ThreadSyscall(202, 0x7f39, 0x189, 0x7ffd10, 0x7f0155));
    }

    @Test
    void notInACall() {
        assertThat(ThreadSyscall.parse("running\n")).isNull();
        assertThat(ThreadSyscall.parse("-1 0x7ffd10 0x7f0155\n")).isNull();
        assertThat(ThreadSyscall.parse("")).isNull();
        assertThat(ThreadSyscall.parse("a b c d e f g h i")).isNull();
    }
}
