package io.perfagent.process;

import io.perfagent.linux.Scheduling;
import io.perfagent.model.ProcessEvent;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The thread that reads what happens to processes, keeps the table of them and tells who wants to know. */
public final class ProcessWatch implements AutoCloseable {
    private static final int LONGEST_WAIT_MILLIS = 250;
    /** An exec comes as a dozen events: so long after the first many are there. */
    private static final long GATHER_MILLIS = 10;

    private final ProcessEvents events = new ProcessEvents();
    private final ProcessTable table;
    private final List<ProcessListener> listeners = new CopyOnWriteArrayList<>();
    private final Worker worker = new Worker("process-watch", "reading process events", this::watch);
    private volatile long toldUntil;
    private volatile long lost;
    private volatile boolean stopped;

    /** Events are kept from now on, and told from {@link #start} on. */
    public ProcessWatch(ProcessTable table) throws IOException {
        this.table = table;
    }

    public void add(ProcessListener listener) {
        listeners.add(listener);
    }

    public void start() {
        worker.start();
    }

    /** CLOCK_MONOTONIC: what happened before has been told. */
    public long toldUntil() {
        return toldUntil;
    }

    /** Events that the kernel dropped, for they were not read in time. */
    public long lost() {
        return lost;
    }

    /** Throws where the thread has failed. */
    public void check() {
        worker.check();
    }

    /** Tells what has happened so far, and no more after that. */
    public void stop() {
        stopped = true;
        events.endWait();
        worker.join();
    }

    @Override
    public void close() {
        stop();
        events.close();
    }

    private void watch() throws InterruptedException {
        Scheduling.preferThisThread(); // what it does is little, and walks end where it is late
        boolean last = false;
        while (!last) {
            if (!isBehind() && events.await(LONGEST_WAIT_MILLIS)) {
                Thread.sleep(GATHER_MILLIS);
            }
            last = stopped;
            tell();
        }
    }

    private boolean isBehind() {
        for (ProcessListener listener : listeners) {
            if (listener.isBehind()) {
                return true;
            }
        }
        return false;
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
