package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ProcessLockIT {
    @Test
    void oneHolderAtATime() throws Exception {
        int pid = (int) ProcessHandle.current().pid();
        try (ProcessLock _ = ProcessLock.take(pid)) {
            assertThatThrownBy(() -> ProcessLock.take(pid)).isInstanceOfSatisfying(LinuxException.class, refused -> {
                assertThat(refused.errno()).isEqualTo(Errno.EAGAIN);
            });
        }
        ProcessLock.take(pid).close();
    }
}
