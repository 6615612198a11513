package io.perfagent.bpf.abi;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.model.Descriptor;
import io.perfagent.model.ThreadTimes;
import org.junit.jupiter.api.Test;

/** When two looks at a thread prove that it has not run in between. */
class ThreadRecordTest {
    private static final ThreadId ID = new ThreadId(7, 8, 1000);

    @Test
    void onNoProcessorAndNoSwitch() {
        assertThat(look(ID, 5, false, 5).hasStoodSince(look(ID, 5, false, 5))).isTrue();
    }

    @Test
    void onAProcessorAtEitherLook() {
        assertThat(look(ID, 5, true, 5).hasStoodSince(look(ID, 5, false, 5))).isFalse();
        assertThat(look(ID, 5, false, 5).hasStoodSince(look(ID, 5, true, 5))).isFalse();
    }

    /** It has run, and waits again. */
    @Test
    void aSwitchInBetween() {
        assertThat(look(ID, 6, false, 6).hasStoodSince(look(ID, 5, false, 5))).isFalse();
    }

    /** It ran while it was looked at: the counts that count are the first look's first and the second look's last. */
    @Test
    void aSwitchDuringALook() {
        assertThat(look(ID, 6, false, 6).hasStoodSince(look(ID, 5, false, 6))).isFalse();
        assertThat(look(ID, 5, false, 6).hasStoodSince(look(ID, 5, false, 5))).isFalse();
    }

    @Test
    void anotherThreadOfTheSameNumber() {
        assertThat(look(new ThreadId(7, 8, 2000), 5, false, 5).hasStoodSince(look(ID, 5, false, 5)))
                .isFalse();
    }

    private static ThreadRecord look(ThreadId id, long switches, boolean onCpu, long after) {
        return new ThreadRecord(
                id,
                "",
                1,
                onCpu,
                false,
                false,
                new long[16],
                0,
                -1,
                0,
                0,
                new long[0],
                switches,
                after,
                0,
                0,
                0,
                0,
                Descriptor.NONE,
                ThreadTimes.NONE);
    }
}
