package io.perfagent.python;

import io.perfagent.linux.Scheduling;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The kernel ties a tracee to one OS thread: each operation has a platform thread of its own. When that ends, the kernel detaches
 * whatever it may still have been attached to, so that no way out leaves a target stopped.
 */
final class TracingThread {
    /** What is to be done. */
    @FunctionalInterface
    interface Operation<T> {
        T call() throws IOException, RefusedException;
    }

    private TracingThread() {}

    static <T> T call(Operation<T> operation) throws IOException, RefusedException {
        FutureTask<T> task = new FutureTask<>(() -> {
            Scheduling.preferThisThread(); // a stopped target waits for this thread
            return operation.call();
        });
        Thread.ofPlatform().name("perf-agent-ptrace").daemon().start(task);
        try {
            return await(task);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    /** An interrupt waits: half an operation is worse than a late answer. */
    private static <T> T await(FutureTask<T> task) throws ExecutionException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IllegalStateException rethrown(@Nullable Throwable cause) throws IOException, RefusedException {
        switch (cause) {
            case IOException e -> throw e;
            case RefusedException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> throw new IllegalStateException(cause);
        }
    }
}
