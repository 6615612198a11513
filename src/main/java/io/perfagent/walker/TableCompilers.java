package io.perfagent.walker;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.thread.Worker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Compiles tables on a few threads of its own while samples are taken, those first that samples wait for. */
public final class TableCompilers implements AutoCloseable {
    /** More would not fit in the heap beside each other if all were of the largest binaries. */
    private static final int MOST_THREADS = 4;

    private static final int MOST_REQUESTS = 20_000;
    /** Every table would have the walker told of hundreds of processes anew. */
    private static final long PUBLISH_PAUSE_NANOS = 20_000_000;

    /** One of the largest binaries takes a second or two; what waits for calm is not worth more. */
    private static final long LONGEST_REST_WAIT_NANOS = 5_000_000_000L;

    private final Tables tables;
    private final PriorityQueue<Request> queue = new PriorityQueue<>(
            Comparator.comparingLong((Request request) -> -request.hits).thenComparingLong(request -> request.number));
    private final Map<FileId, Request> requests = new HashMap<>();
    private final List<Worker> workers = new ArrayList<>();
    private int idle;
    private int busy;
    private long restUntil = System.nanoTime();
    private long numbers;
    private long leftOut;
    private long publishedAt;
    private boolean closed;

    /** What compiles; safe for use by several threads. */
    interface Tables {
        void compile(int pid, Mapping mapping);

        /** Tells the walker of what has been compiled. */
        void publishReady() throws LinuxException;
    }

    private static final class Request {
        final int pid;
        final Mapping mapping;
        final long number;
        long hits;

        Request(int pid, Mapping mapping, long number) {
            this.pid = pid;
            this.mapping = mapping;
            this.number = number;
        }
    }

    public TableCompilers(UnwindTables tables) {
        this((Tables) tables);
    }

    TableCompilers(Tables tables) {
        this.tables = tables;
    }

    /** Has a file's table compiled, unless that has been asked for already. */
    public synchronized void request(int pid, Mapping mapping) {
        if (closed || requests.containsKey(mapping.file())) {
            return;
        }
        if (requests.size() >= MOST_REQUESTS) {
            leftOut++;
            return;
        }
        Request request = new Request(pid, mapping, ++numbers);
        requests.put(mapping.file(), request);
        queue.add(request);
        if (idle == 0
                && workers.size() < Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors())) {
            Worker worker = new Worker("table-compiler-" + workers.size(), "compiling an unwind table", this::work);
            workers.add(worker);
            worker.start();
        }
        notifyAll();
    }

    /** A sample waits for a file's table. */
    public synchronized void hurry(FileId file) {
        Request request = requests.get(file);
        if (request != null && queue.remove(request)) {
            request.hits++;
            queue.add(request);
        }
    }

    /**
     * Returns when nothing is being compiled, or that takes too long, and has nothing begun for so long from then on: compiling fills the
     * heap, and somebody does what no collection may interrupt.
     */
    public synchronized void rest(long nanos) {
        long end = System.nanoTime() + LONGEST_REST_WAIT_NANOS;
        restUntil = end + nanos;
        try {
            for (long left = end - System.nanoTime(); busy > 0 && !closed && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        restUntil = System.nanoTime() + nanos;
    }

    /** Ends a rest. */
    public synchronized void resume() {
        restUntil = System.nanoTime();
        notifyAll();
    }

    /** Tables that are asked for and not ready. */
    public synchronized int pending() {
        return requests.size();
    }

    /** A file of these whose table has been asked for and is not ready; null where there is none. */
    synchronized @Nullable FileId pending(List<Mapping> mappings) {
        for (Mapping mapping : requests.isEmpty() ? List.<Mapping>of() : mappings) {
            if (requests.containsKey(mapping.file())) {
                return mapping.file();
            }
        }
        return null;
    }

    /** Requests that were left out because there were too many. */
    public synchronized long leftOut() {
        return leftOut;
    }

    /** Throws where a thread has failed. */
    public synchronized void check() {
        workers.forEach(Worker::check);
    }

    /** Returns when what is being compiled is done; the rest is left. */
    @Override
    public void close() {
        List<Worker> last;
        synchronized (this) {
            closed = true;
            queue.clear();
            notifyAll();
            last = List.copyOf(workers);
        }
        last.forEach(Worker::join);
    }

    private void work() throws InterruptedException, LinuxException {
        for (Request request = next(); request != null; request = next()) {
            compile(request);
            if (isTimeToTell()) {
                tables.publishReady();
            }
        }
    }

    /** Whatever comes of it, nobody waits for it any longer. */
    private void compile(Request request) {
        try {
            tables.compile(request.pid, request.mapping);
        } finally {
            done(request);
        }
    }

    private synchronized @Nullable Request next() throws InterruptedException {
        for (long rest = rest(); (queue.isEmpty() || rest > 0) && !closed; rest = rest()) {
            idle++;
            try {
                wait(rest);
            } finally {
                idle--;
            }
        }
        Request next = queue.poll();
        busy += next == null ? 0 : 1;
        return next;
    }

    /** Milliseconds of rest that are left, 0 for none. */
    private long rest() {
        return Math.max(0, (restUntil - System.nanoTime() + 999_999) / 1_000_000);
    }

    private synchronized void done(Request request) {
        busy--;
        notifyAll();
        requests.remove(request.mapping.file());
    }

    /** Whether the walker is to be told of what is ready. */
    private synchronized boolean isTimeToTell() {
        long now = System.nanoTime();
        if (requests.isEmpty() || now - publishedAt > PUBLISH_PAUSE_NANOS) {
            publishedAt = now;
            return true;
        }
        return false;
    }
}
