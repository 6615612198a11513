package io.perfagent.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class SinkQueueTest {
    private final List<IntervalProfile> taken = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private boolean closed;

    /** Takes what it is given as {@code way} lets it. */
    private final class Taker implements IntervalSink {
        private final Way way;

        Taker(Way way) {
            this.way = way;
        }

        @Override
        public String name() {
            return "taker";
        }

        @Override
        public void check() {}

        @Override
        public void take(IntervalProfile interval) throws IOException {
            way.pass(interval);
            taken.add(interval);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private interface Way {
        void pass(IntervalProfile interval) throws IOException;
    }

    private SinkQueue queue(Way way) {
        return new SinkQueue(new Taker(way), said::add);
    }

    private static IntervalProfile interval() {
        return new IntervalProfile(List.of());
    }

    private static IntervalProfile largeInterval() {
        StackCount stack =
                new StackCount(1, 1, "main", Cgroup.UNKNOWN, List.<Location>of(), WalkEnd.END_OF_STACK, false, 1);
        Profile profile =
                new Profile(Instant.EPOCH, Duration.ofSeconds(1), 19, Collections.nCopies(15_000, stack), List.of());
        return new IntervalProfile(List.of(new IntervalProfile.Labelled("on-cpu", profile)));
    }

    private static double value(SinkQueue queue, Predicate<Metric> wanted) {
        return queue.metrics().stream()
                .filter(wanted)
                .mapToDouble(Metric::value)
                .sum();
    }

    private static double lost(SinkQueue queue, String cause) {
        return value(queue, metric -> cause.equals(metric.labels().get("cause")));
    }

    /** The last ones too, which nobody waits for but the end. */
    @Test
    void allThatComesIsTakenInOrder() {
        SinkQueue queue = queue(_ -> {});
        queue.start();
        IntervalProfile one = interval();
        IntervalProfile other = interval();
        queue.put(one);
        queue.put(other);
        queue.end();
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThat(taken).hasSize(2);
        assertThat(taken.getFirst()).isSameAs(one);
        assertThat(taken.getLast()).isSameAs(other);
        assertThat(closed).isTrue();
        assertThat(said).isEmpty();
    }

    @Test
    void aSlowOneLosesTheOldestAndDelaysNobody() throws Exception {
        CountDownLatch inHand = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        SinkQueue queue = queue(_ -> {
            inHand.countDown();
            awaits(goOn);
        });
        queue.start();
        queue.put(largeInterval());
        inHand.await();
        List<IntervalProfile> later = List.of(largeInterval(), largeInterval(), largeInterval(), largeInterval());
        later.forEach(queue::put);
        assertThat(lost(queue, "too_slow")).isEqualTo(2);
        assertThat(queue.await(Duration.ofMillis(1))).isFalse();
        goOn.countDown();
        queue.end();
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThat(taken).hasSize(3);
        assertThat(taken.get(1)).isSameAs(later.get(2));
        assertThat(said)
                .containsExactly(
                        "taker has lost an interval, and the run goes on: it is slower than they come",
                        "taker takes intervals again, after 2 that are lost");
    }

    @Test
    void ofSmallOnesMoreMayWait() {
        SinkQueue queue = queue(_ -> {});
        for (int put = 0; put < 103; put++) {
            queue.put(interval());
        }
        assertThat(lost(queue, "too_slow")).isEqualTo(3);
        queue.start();
        queue.end();
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThat(taken).hasSize(100);
    }

    @Test
    void whatFailsIsSaidOnceAndCounted() {
        AtomicInteger tried = new AtomicInteger();
        SinkQueue queue = queue(_ -> {
            if (tried.incrementAndGet() <= 2) {
                throw new IOException("no space left");
            }
        });
        queue.put(interval());
        queue.put(interval());
        queue.start();
        while (lost(queue, "failed") < 2) {
            Thread.onSpinWait();
        }
        queue.put(interval());
        queue.end();
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThat(said)
                .containsExactly(
                        "taker has lost an interval, and the run goes on: no space left",
                        "taker takes intervals again, after 2 that are lost");
        assertThat(value(queue, metric -> metric.name().equals("sink_intervals_total")))
                .isEqualTo(1);
    }

    /** A disk that has room now and then: two lines, and not two for each interval. */
    @Test
    void whatComesAndGoesIsSaidNowAndThen() {
        AtomicInteger tried = new AtomicInteger();
        SinkQueue queue = queue(_ -> {
            if (tried.incrementAndGet() % 2 == 1) {
                throw new IOException("no space left, attempt " + tried);
            }
        });
        queue.start();
        for (int put = 0; put < 40; put++) {
            queue.put(interval());
        }
        queue.end();
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThat(lost(queue, "failed")).isEqualTo(20);
        assertThat(said)
                .containsExactly(
                        "taker has lost an interval, and the run goes on: no space left, attempt 1",
                        "taker takes intervals again, after 1 that are lost");
    }

    @Test
    void aFaultIsKeptForTheRun() {
        SinkQueue queue = queue(_ -> {
            throw new IllegalStateException("broken");
        });
        queue.start();
        queue.put(interval());
        assertThat(queue.await(Duration.ofSeconds(30))).isTrue();
        assertThatThrownBy(queue::check).hasMessageContaining("taker").hasRootCauseMessage("broken");
        assertThat(closed).isTrue();
    }

    private static void awaits(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
