package io.perfagent.python.life;

import static io.perfagent.python.life.ArrivalQueue.FIRST_PAUSE_NANOS;
import static io.perfagent.python.life.ArrivalQueue.LONGEST_PAUSE_NANOS;
import static io.perfagent.python.life.ArrivalQueue.YOUNG_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.python.life.ArrivalQueue.Arrival;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ArrivalQueueTest {
    private final ArrivalQueue queue = new ArrivalQueue();

    @Test
    void nobodyIsLookedAtYoung() {
        queue.offer(1, true, 0);
        assertThat(queue.poll(YOUNG_NANOS - 1)).isNull();
        assertThat(queue.poll(YOUNG_NANOS)).isEqualTo(new Arrival(1, true, YOUNG_NANOS, 0));
        assertThat(queue.poll(YOUNG_NANOS)).isNull();
    }

    @Test
    void aProcessWaitsOnceFromItsFirstOffer() {
        queue.offer(1, false, 0);
        queue.offer(2, true, 1);
        queue.offer(1, true, 2);
        assertThat(queue.pythons()).isEqualTo(2);
        assertThat(queue.poll(YOUNG_NANOS)).isEqualTo(new Arrival(1, true, YOUNG_NANOS, 0));
    }

    @Test
    void oneThatHasEndedIsNotLookedAt() {
        queue.offer(1, true, 0);
        assertThat(queue.remove(1)).isNotNull();
        assertThat(queue.remove(1)).isNull();
        assertThat(queue.poll(YOUNG_NANOS)).isNull();
    }

    @Test
    void pausesGrowUpToALimit() {
        queue.offer(1, true, 0);
        List<Long> pauses = new ArrayList<>();
        long now = YOUNG_NANOS;
        for (int look = 0; look < 10; look++) {
            Arrival arrival = Objects.requireNonNull(queue.poll(now));
            assertThat(queue.retry(arrival, now)).isTrue();
            long due = Objects.requireNonNull(queue.remove(1)).dueNanos();
            pauses.add(due - now);
            queue.retry(arrival, now);
            now = due;
        }
        assertThat(pauses).isSorted().startsWith(FIRST_PAUSE_NANOS, 2 * FIRST_PAUSE_NANOS, 4 * FIRST_PAUSE_NANOS);
        assertThat(pauses.getLast()).isEqualTo(LONGEST_PAUSE_NANOS);
    }

    @Test
    void thoseBeyondItsCapacityAreLeftOut() {
        for (int pid = 1; pid <= ArrivalQueue.CAPACITY; pid++) {
            assertThat(queue.offer(pid, true, pid)).isTrue();
        }
        assertThat(queue.offer(ArrivalQueue.CAPACITY + 1, true, 0)).isFalse();
        assertThat(queue.offer(1, true, 0)).as("one that waits already").isTrue();
        assertThat(queue.pythons()).isEqualTo(ArrivalQueue.CAPACITY);
    }

    @Test
    void closingEndsTheWait() throws Exception {
        Thread closer = Thread.ofPlatform().start(queue::close);
        assertThat(queue.take(Long.MAX_VALUE / 2)).isNull();
        closer.join();
    }
}
