package io.perfagent.agent;

import io.perfagent.linux.Scheduling;
import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.process.LiveProcess;
import io.perfagent.sample.SampleSink;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Loads the walker and the tables on a thread of its own: meanwhile trampolines are switched on. */
final class SamplingLoader {
    private final Thread thread;
    private volatile @Nullable Sampling loaded;
    private volatile @Nullable Throwable failure;

    /**
     * Begins to load.
     *
     * @param budget of the run
     * @param way what samples pass through before they are counted
     * @param first what is done with it before anybody has it
     */
    SamplingLoader(
            ProfileRequest request,
            List<LiveProcess> targets,
            Budget budget,
            UnaryOperator<SampleSink> way,
            Consumer<Sampling> first) {
        thread = Thread.ofPlatform().name("walker-loader").start(() -> load(request, targets, budget, way, first));
    }

    /** What was loaded, or why it could not be. */
    Sampling get() throws IOException, CannotStartException {
        await();
        Sampling sampling = loaded;
        if (sampling != null && failure == null) {
            return sampling;
        }
        switch (failure) {
            case IOException e -> throw e;
            case CannotStartException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> throw new IllegalStateException("the walker's loader failed", failure);
        }
    }

    /** Closes what was loaded: the start has failed elsewhere. */
    void close() {
        await();
        Sampling sampling = loaded;
        if (sampling != null) {
            sampling.close();
        }
    }

    /** Returns when it is loaded, or has failed. */
    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the walker was loaded", e);
        }
    }

    private void load(
            ProfileRequest request,
            List<LiveProcess> targets,
            Budget budget,
            UnaryOperator<SampleSink> way,
            Consumer<Sampling> first) {
        Scheduling.preferThisThread(); // the first sample waits for this thread, and targets may take all processors
        try {
            Sampling sampling = Sampling.load(request, targets, budget, way);
            loaded = sampling;
            first.accept(sampling);
        } catch (IOException | CannotStartException | RuntimeException | Error e) {
            failure = e;
        }
    }
}
