package io.perfagent.sink;

import io.perfagent.model.CannotStartException;
import java.io.IOException;
import java.util.List;

/**
 * Takes the intervals of a run that goes on: to files, to a store. Each has a thread of its own ({@link SinkQueue}), on which all but
 * {@link #check} and {@link #metrics} is called, so one that is slow delays neither the run nor the others. It keeps no interval beyond
 * {@link #take}: what is to be sent later it writes down.
 */
public interface IntervalSink extends AutoCloseable {
    /** What it is called in lines and metrics: {@code directory}, {@code parca}; unique in a run. */
    String name();

    /** Finds out, before anything is begun, whether the run would be for nothing. On the thread of the run. */
    void check() throws CannotStartException;

    /**
     * Takes an interval. One that it throws at is lost to it, which is counted and said; the run goes on. Anything but an
     * {@link IOException} is a fault of the program, and ends the run.
     */
    void take(IntervalProfile interval) throws IOException;

    /** What it counts by itself; from any thread. */
    default List<Metric> metrics() {
        return List.of();
    }

    /** No more intervals come. What can be delivered within a few seconds is; it never throws. */
    @Override
    void close();
}
