package io.perfagent.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.perfagent.model.Event;
import io.perfagent.model.GilUse;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.ThreadSpan;
import io.perfagent.model.ThreadState;
import io.perfagent.model.ThreadTimes;
import io.perfagent.model.Wait;
import io.perfagent.model.WalkEnd;
import io.perfagent.model.WallTotals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WallSharesTest {
    private static final int PID = 7;
    private static final int RATE = 100;
    private static final long PERIOD = 10_000_000;

    private final Interval interval = new Interval(1 << 16, false);
    private final List<ThreadSpan> spans = new ArrayList<>();

    @Test
    void runningSamplesOfAThreadShareItsTimeOnTheCpu() {
        running(1, 30, 0xa);
        running(1, 10, 0xb);
        span(1, new ThreadTimes(500, 0, 0, 0, 0));
        assertThat(shared(Duration.ZERO))
                .extracting(CountedStack::count, CountedStack::waits)
                .containsExactly(tuple(375L, 30L), tuple(125L, 10L));
    }

    /** The one with a sample was as likely to have one as the other. */
    @Test
    void threadsWithFewSamplesShareThoseOfTheirProcess() {
        running(1, 1, 0xa);
        running(2, 1, 0xb);
        span(1, new ThreadTimes(300, 0, 0, 0, 0));
        span(2, new ThreadTimes(100, 0, 0, 0, 0));
        span(3, new ThreadTimes(600, 0, 0, 0, 0));
        assertThat(shared(Duration.ZERO)).extracting(CountedStack::count).containsExactly(500L, 500L);
        assertThat(interval.wall().times().running()).isEqualTo(1000);
    }

    @Test
    void sureWaitsStayAsTheyWereAndOthersShareTheRest() {
        waiting(1, ThreadState.SLEEP, 700, true, 1);
        waiting(1, ThreadState.POLL, 100, false, 25);
        waiting(1, ThreadState.RUNQUEUE, 40, true, 1);
        span(1, new ThreadTimes(0, 1_700, 40, 700, 40));
        assertThat(shared(Duration.ZERO))
                .extracting(CountedStack::state, CountedStack::count)
                .containsExactly(
                        tuple(ThreadState.SLEEP, 700L),
                        tuple(ThreadState.POLL, 1000L),
                        tuple(ThreadState.RUNQUEUE, 40L));
    }

    @Test
    void whatNoSampleHasIsThereWithoutAStack() {
        span(1, new ThreadTimes(50, 900, 0, 800, 0));
        waiting(1, ThreadState.SLEEP, 500, true, 1);
        List<CountedStack> shared = shared(Duration.ZERO);
        assertThat(shared.stream().mapToLong(CountedStack::count).sum()).isEqualTo(950);
        assertThat(shared.stream().filter(stack -> stack.user().length == 0))
                .extracting(CountedStack::state, CountedStack::count)
                .containsExactly(tuple(ThreadState.RUNNING, 50L), tuple(ThreadState.OTHER, 400L));
        assertThat(interval.wall().stackless()).isEqualTo(450);
    }

    @Test
    void threadsThatHardlyRanAreLeftOut() {
        running(1, 30, 0xa);
        waiting(2, ThreadState.SLEEP, 500, true, 1);
        span(1, new ThreadTimes(2_000_000, 0, 0, 0, 0));
        span(2, new ThreadTimes(0, 500, 0, 500, 0));
        assertThat(shared(Duration.ofMillis(1))).extracting(CountedStack::tid).containsExactly(1);
        WallTotals totals = interval.wall();
        assertThat(totals.threads()).isEqualTo(1);
        assertThat(totals.leftOut()).isEqualTo(1);
        assertThat(totals.leftOutNanos()).isEqualTo(500);
    }

    /** There was no room for its sums. */
    @Test
    void samplesOfAThreadOfWhichNothingIsKnownStandForThemselves() {
        running(1, 2, 0xa);
        waiting(1, ThreadState.SLEEP, 500, false, 1);
        assertThat(shared(Duration.ZERO)).extracting(CountedStack::count).containsExactly(2 * PERIOD, 500L);
    }

    private List<CountedStack> shared(Duration leastRunning) {
        interval.share(spans, RATE, leastRunning, 0);
        List<CountedStack> stacks = new ArrayList<>();
        interval.forEach(stacks::add);
        return stacks;
    }

    private void span(int tid, ThreadTimes times) {
        spans.add(new ThreadSpan(PID, tid, "t" + tid, times));
    }

    private void running(int tid, int samples, long address) {
        for (int i = 0; i < samples; i++) {
            interval.add(sample(tid, address), 1);
        }
    }

    private void waiting(int tid, ThreadState state, long nanos, boolean sure, int samples) {
        for (int i = 0; i < samples; i++) {
            interval.add(sample(tid, 0xc).with(new Wait(state, nanos, sure), nanos, GilUse.NONE), 1);
        }
    }

    private static Sample sample(int tid, long address) {
        return new Sample(
                Event.WALL,
                1,
                0,
                PID,
                tid,
                "t" + tid,
                new long[0],
                new long[] {address},
                PythonFrames.NONE,
                WalkEnd.END_OF_STACK,
                false);
    }
}
