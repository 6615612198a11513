package io.perfagent.python.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.linux.BootClock;
import io.perfagent.process.LiveProcess;
import org.junit.jupiter.api.Test;

/** When a process whose state cannot be seen is old enough to be asked, on a machine that has slept. */
class LatePythonsTest {
    private static final long SECOND = 1_000_000_000;
    /** Of CLOCK_BOOTTIME; CLOCK_MONOTONIC is two days behind where the machine has slept for so long. */
    private static final long UP = 7 * 24 * 3600 * SECOND;

    @Test
    void ageIsOfTheClockThatStartTimesAreOf() {
        assertThat(LatePythons.isSettled(startedBefore(9), UP)).isFalse();
        assertThat(LatePythons.isSettled(startedBefore(11), UP)).isTrue();
    }

    /** In a time namespace that is a day ahead, as after a day of sleep, both are a day ahead; CLOCK_MONOTONIC is not. */
    @Test
    void ageOfThisProcess() throws Exception {
        LiveProcess self = LiveProcess.of((int) ProcessHandle.current().pid());
        long age = BootClock.since(self.startTime(), BootClock.nanos());
        long wall = System.currentTimeMillis()
                - ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        assertThat(age / 1_000_000).isCloseTo(wall, org.assertj.core.data.Offset.offset(2000L));
    }

    private static LiveProcess startedBefore(long seconds) {
        return new LiveProcess(1, (UP - seconds * SECOND) / 10_000_000, "python");
    }
}
