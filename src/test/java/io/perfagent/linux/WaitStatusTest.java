package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WaitStatusTest {
    @Test
    void decodes() {
        assertThat(WaitStatus.of(0x80057f)).isEqualTo(new WaitStatus.Stopped(5, 128));
        assertThat(WaitStatus.of(0x0e7f)).isEqualTo(new WaitStatus.Stopped(14, 0));
        assertThat(WaitStatus.of(0x0100)).isEqualTo(new WaitStatus.Ended());
        assertThat(WaitStatus.of(9)).isEqualTo(new WaitStatus.Ended());
        assertThat(new WaitStatus.Stopped(19, 128).groupStop()).isTrue();
        assertThat(new WaitStatus.Stopped(5, 128).interrupted()).isTrue();
        assertThat(new WaitStatus.Stopped(5, 0).interrupted()).isFalse();
    }
}
