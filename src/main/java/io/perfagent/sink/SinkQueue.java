package io.perfagent.sink;

import io.perfagent.thread.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands intervals to a sink on a thread of its own. Two may wait, or more of them that are small; where there is no room, the oldest is
 * lost.
 *
 * <pre>
 *   put ─→ waiting ─→ take │ lost: did not fit, or the sink has failed at it
 * </pre>
 */
public final class SinkQueue {
    /** However many stacks they hold. */
    private static final int LARGE_WAITING = 2;

    private static final int MOST_WAITING = 100;
    /** Some 10 MiB. */
    private static final int MOST_STACKS = 20_000;

    private final IntervalSink sink;
    private final Consumer<String> say;
    private final Worker worker;
    /** Guarded by this, as all that follows. */
    private final Deque<IntervalProfile> waiting = new ArrayDeque<>();

    private boolean ended;
    private long taken;
    private long tooSlow;
    private long failed;
    /** Since the last one that was taken. */
    private long inARow;
    /** Whether these were said. */
    private boolean said;

    private final SaidCauses causes = new SaidCauses();

    /** @param say takes lines for the log */
    public SinkQueue(IntervalSink sink, Consumer<String> say) {
        this.sink = sink;
        this.say = say;
        this.worker = new Worker("sink-" + sink.name(), "giving intervals to " + sink.name(), this::work);
    }

    public void start() {
        worker.start();
    }

    /** Never waits. */
    public synchronized void put(IntervalProfile interval) {
        waiting.add(interval);
        while (tooMany()) {
            waiting.remove();
            tooSlow++;
            lost("slow", "it is slower than they come");
        }
        notifyAll();
    }

    private boolean tooMany() {
        int stacks = waiting.stream().mapToInt(IntervalProfile::stacks).sum();
        return waiting.size() > LARGE_WAITING && (waiting.size() > MOST_WAITING || stacks > MOST_STACKS);
    }

    /** Throws where its thread has failed. */
    public void check() {
        worker.check();
    }

    /** No more come; those that wait are handed over. */
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** After {@link #end}; whether all was handed over in time. */
    public boolean await(Duration longest) {
        return worker.join(Math.max(1, longest.toMillis()));
    }

    /** What became of the intervals, and what the sink itself counts. From any thread. */
    public List<Metric> metrics() {
        List<Metric> all = new ArrayList<>(own());
        all.addAll(sink.metrics());
        return all;
    }

    private synchronized List<Metric> own() {
        Map<String, String> name = Map.of("sink", sink.name());
        String help = "Intervals that were not taken to where they belong, by cause.";
        return List.of(
                Metric.counter("sink_intervals_total", "Intervals that were taken.", name, (double) taken),
                Metric.counter(
                        "sink_lost_intervals_total", help, Map.of("sink", sink.name(), "cause", "too_slow"), (double)
                                tooSlow),
                Metric.counter(
                        "sink_lost_intervals_total", help, Map.of("sink", sink.name(), "cause", "failed"), (double)
                                failed),
                Metric.gauge(
                        "sink_waiting_intervals", "Intervals that wait to be taken.", name, (double) waiting.size()));
    }

    private void work() throws InterruptedException {
        try (sink) {
            for (IntervalProfile next = next(); next != null; next = next()) {
                take(next);
            }
        }
    }

    private synchronized @Nullable IntervalProfile next() throws InterruptedException {
        while (waiting.isEmpty() && !ended) {
            wait();
        }
        return waiting.poll();
    }

    private void take(IntervalProfile interval) {
        try {
            sink.take(interval);
            taken();
        } catch (IOException e) {
            failed(e);
        }
    }

    private synchronized void taken() {
        taken++;
        if (said) {
            say.accept(sink.name() + " takes intervals again, after " + inARow + " that are lost");
        }
        inARow = 0;
        said = false;
    }

    private synchronized void failed(IOException cause) {
        failed++;
        lost("failed", String.valueOf(cause.getMessage()));
    }

    /** Said once, up to the next one that is taken, and no more than now and then where that comes and goes. */
    private void lost(String cause, String why) {
        if (inARow++ == 0 && causes.isDue(cause, System.nanoTime())) {
            said = true;
            say.accept(sink.name() + " has lost an interval, and the run goes on: " + why);
        }
    }
}
