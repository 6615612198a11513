package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProcStatusTest {
    /** Pending: 10 of the thread, 12, 14 and 17 of the process. Blocked: 12. Handlers: 10, 12 and 17. */
    @Test
    void signalsAboutToBeHandled() {
        ProcStatus status = ProcStatus.parse("""
                SigQ:\t4/96233
                SigPnd:\t0000000000000200
                ShdPnd:\t0000000000012800
                SigBlk:\t0000000000000800
                SigCgt:\t0000000000010a00
                """);
        assertThat(status.signalsAboutToBeHandled()).isEqualTo(1 << 9 | 1 << 16);
        assertThat(ProcStatus.parse("").signalsAboutToBeHandled()).isZero();
    }
}
