package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapRoomTest {
    private static final long LIVE = 10 << 20;

    private final HeapRoom room = new HeapRoom(this::heap, this::collect);
    private final AtomicLong used = new AtomicLong(LIVE);
    private final AtomicInteger collections = new AtomicInteger();

    @Test
    void collectsBeforeACommandWhereMuchWasAllocatedSinceTheLastCollection() {
        room.beforeCommand();
        assertThat(collections.get()).isEqualTo(1);
        allocate(HeapRoom.USED_BEFORE_COMMAND);
        room.beforeCommand();
        assertThat(collections.get()).as("little was allocated").isEqualTo(1);
        allocate(1);
        room.beforeCommand();
        assertThat(collections.get()).as("much was allocated").isEqualTo(2);
    }

    @Test
    void collectsBeforeAStopWhereTheYoungGenerationIsNearlyFull() {
        room.beforeCommand();
        allocate(HeapRoom.USED_BEFORE_STOP);
        stop();
        assertThat(collections.get()).as("there is room").isEqualTo(1);
        allocate(1);
        stop();
        assertThat(collections.get()).as("there is little").isEqualTo(2);
    }

    @Test
    void noCollectionFallsIntoTheStopOfAnotherThread() throws Exception {
        room.beforeCommand();
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().start(() -> {
            room.beginStop();
            stopped.countDown();
            await(goOn);
            room.endStop();
        });
        await(stopped);
        allocate(2 * HeapRoom.USED_BEFORE_COMMAND);
        Thread collector = Thread.ofPlatform().start(room::beforeCommand);
        while (collector.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(collections.get()).as("amid the stop").isEqualTo(1);
        goOn.countDown();
        other.join();
        collector.join();
        assertThat(collections.get()).as("after the stop").isEqualTo(2);
    }

    /** By the names of the serial collector, with which perf-agent runs, and so do these tests. */
    @Test
    void oldObjectsAreLeftAlone() {
        long young = collectionsOf("Copy");
        long full = collectionsOf("MarkSweepCompact");
        HeapRoom.collectYoung();
        assertThat(collectionsOf("Copy")).isGreaterThan(young);
        assertThat(collectionsOf("MarkSweepCompact")).isEqualTo(full);
    }

    private static long collectionsOf(String collector) {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(bean -> bean.getName().equals(collector))
                .findFirst()
                .orElseThrow()
                .getCollectionCount();
    }

    private void stop() {
        room.beginStop();
        room.endStop();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void allocate(long bytes) {
        used.addAndGet(bytes);
    }

    private long heap() {
        return used.get();
    }

    private void collect() {
        collections.incrementAndGet();
        used.set(LIVE);
    }
}
