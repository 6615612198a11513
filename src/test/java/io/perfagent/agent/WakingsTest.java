package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Event;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.Waker;
import io.perfagent.model.Waking;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Waits and those who ended them, in the orders in which their samples can come. */
class WakingsTest {
    private static final int WAITER = 7;
    private static final int WAKER = 8;
    private static final int IMAGE = 3;
    private static final int LOOKS = 20; // more than any wait is held for

    private final List<Sample> counted = new ArrayList<>();
    private final Wakings wakings = new Wakings((sample, _) -> counted.add(sample));

    private static Sample sample(int tid, long weight, long waking) {
        return new Sample(
                        Event.OFF_CPU,
                        weight,
                        1,
                        tid,
                        tid,
                        "t" + tid,
                        new long[0],
                        new long[] {tid},
                        PythonFrames.NONE,
                        WalkEnd.END_OF_STACK,
                        false)
                .with(new Waking(waking, null, 0));
    }

    private void waits(long waking) {
        wakings.add(sample(WAITER, 10, waking), IMAGE);
    }

    private void wakes(long waking) {
        wakings.add(sample(WAKER, 0, waking), IMAGE + 1);
    }

    private void expectWakerOnce() {
        assertThat(counted).singleElement().satisfies(wait -> {
            assertThat(wait.tid()).isEqualTo(WAITER);
            assertThat(wait.waking().kind()).isEqualTo(Waker.Kind.THREAD);
            assertThat(wait.waking().by()).isNotNull().extracting(Sample::tid).isEqualTo(WAKER);
            assertThat(wait.waking().process()).isEqualTo(IMAGE + 1);
        });
    }

    @Test
    void theWakerComesFirst() {
        wakes(100);
        waits(100);
        wakings.drained(false);
        expectWakerOnce();
    }

    @Test
    void theWakerComesSomeLooksLater() {
        waits(100);
        wakings.drained(false);
        wakings.drained(false);
        assertThat(counted).isEmpty();
        wakes(100);
        wakings.drained(false);
        expectWakerOnce();
    }

    @Test
    void oneWakesSeveral() {
        wakes(100);
        waits(100);
        waits(100);
        wakings.drained(false);
        assertThat(counted).hasSize(2).allMatch(wait -> wait.waking().kind() == Waker.Kind.THREAD);
    }

    @Test
    void aWakerThatNeverComesIsNotKnown() {
        wakes(99);
        waits(100);
        for (int look = 0; look < LOOKS; look++) {
            wakings.drained(false);
        }
        assertThat(counted)
                .singleElement()
                .satisfies(wait -> assertThat(wait.waking().kind()).isEqualTo(Waker.Kind.UNKNOWN));
    }

    @Test
    void whatIsHeldAtTheEndIsCounted() {
        waits(100);
        wakings.drained(true);
        assertThat(counted).hasSize(1);
    }

    @Test
    void interruptsAndWhatWasNotAskedForAreCountedAtOnce() {
        waits(Waking.BY_IDLE);
        waits(0);
        assertThat(counted).extracting(wait -> wait.waking().number()).containsExactly(Waking.BY_IDLE, 0L);
        assertThat(counted.getFirst().waking().kind()).isEqualTo(Waker.Kind.INTERRUPT);
    }
}
