package io.perfagent.agent;

import io.perfagent.linux.Scheduling;
import io.perfagent.model.ProcessEvent;
import io.perfagent.sample.ProcessEvents;
import io.perfagent.target.ProcessTable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The thread that reads what happens to processes, keeps the table of them and tells who wants to know. */
final class ProcessWatch implements AutoCloseable {
    private static final int LONGEST_WAIT_MILLIS = 250;
    /** An exec comes as a dozen events: so long after the first many are there. */
    private static final long GATHER_MILLIS = 10;

    private final ProcessEvents events = new ProcessEvents();
    private final ProcessTable table;
    private final List<ProcessListener> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread =
            Thread.ofPlatform().name("process-watch").daemon().unstarted(this::watch);
    private volatile long toldUntil;
    private volatile long lost;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    /** Events are kept from now on, and told from {@link #start} on. */
    ProcessWatch(ProcessTable table) throws IOException {
        this.table = table;
    }

    void add(ProcessListener listener) {
        listeners.add(listener);
    }

    void start() {
        thread.start();
    }

    /** CLOCK_MONOTONIC: what happened before has been told. */
    long toldUntil() {
        return toldUntil;
    }

    /** Events that the kernel dropped, for they were not read in time. */
    long lost() {
        return lost;
    }

    /** A fault on the thread is one of the run. */
    void check() {
        if (failure != null) {
            throw new IllegalStateException("reading process events failed", failure);
        }
    }

    /** Tells what has happened so far, and no more after that. */
    void stop() {
        stopped = true;
        events.endWait();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        events.close();
    }

    private void watch() {
        Scheduling.preferThisThread(); // what it does is little, and walks end where it is late
        try {
            boolean last = false;
            while (!last) {
                if (events.await(LONGEST_WAIT_MILLIS)) {
                    Thread.sleep(GATHER_MILLIS);
                }
                last = stopped;
                tell();
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell() {
        long settled = events.read(this::tell);
        if (events.lost() > lost) {
            lost = events.lost();
            table.distrust();
            listeners.forEach(ProcessListener::missed);
        }
        toldUntil = settled;
        listeners.forEach(ProcessListener::settled);
    }

    private void tell(ProcessEvent event) {
        if (!table.apply(event)) {
            return;
        }
        for (ProcessListener listener : listeners) {
            switch (event) {
                case ProcessEvent.Forked forked -> listener.forked(forked.parent(), forked.pid());
                case ProcessEvent.Executed executed -> listener.executed(executed.pid());
                case ProcessEvent.Mapped mapped -> listener.mapped(mapped.pid(), mapped.mapping());
                case ProcessEvent.Exited exited -> listener.exited(exited.pid());
            }
        }
    }
}
