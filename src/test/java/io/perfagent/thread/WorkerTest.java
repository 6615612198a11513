package io.perfagent.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A thread that ends before its work is done says so, whatever ended it. */
class WorkerTest {
    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("a bug"),
                new IOException("a file"),
                new OutOfMemoryError("the heap"),
                new StackOverflowError(),
                new InterruptedException());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whateverEndsItIsKept(Throwable failure) {
        Worker worker = new Worker("test", "testing", () -> raise(failure));
        worker.start();
        worker.join();
        assertThatThrownBy(worker::check)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("testing failed")
                .hasCause(failure);
        assertThat(worker.isDone()).isFalse();
    }

    @Test
    void workThatIsDoneIsNoFailure() {
        AtomicBoolean ran = new AtomicBoolean();
        Worker worker = new Worker(
                "test", "testing", () -> ran.set(Thread.currentThread().isDaemon()));
        assertThat(worker.join(0)).as("nothing to wait for before the start").isTrue();
        assertThat(worker.isDone()).isFalse();
        worker.start();
        worker.join();
        worker.check();
        assertThat(worker.isDone()).isTrue();
        assertThat(ran).isTrue();
    }

    /** What the thread uses is freed after the join: an interrupt must not end it early. */
    @Test
    void interruptWaitsForTheEnd() {
        CountDownLatch end = new CountDownLatch(1);
        Worker worker = new Worker("test", "testing", end::await);
        worker.start();
        assertThat(worker.join(1)).isFalse();
        Worker other = new Worker("other", "ending it", end::countDown);
        Thread.currentThread().interrupt();
        other.start();
        worker.join();
        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        assertThat(worker.isDone()).isTrue();
    }

    private static void raise(Throwable failure) throws Exception {
        switch (failure) {
            case Exception e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failure);
        }
    }
}
