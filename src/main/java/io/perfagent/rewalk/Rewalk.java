package io.perfagent.rewalk;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.process.Image;
import io.perfagent.rewalk.UserWalks.Outcome;
import io.perfagent.rewalk.WaitingSamples.Waiting;
import io.perfagent.thread.Worker;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.walker.CodeTables;
import io.perfagent.walker.ElfSource;
import io.perfagent.walker.MadeCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The thread that walks on with samples whose walk stopped in the kernel. Each is walked when it comes, and again when what it met on
 * its way has become known:
 *
 * <pre>
 *   sample-reader ── offer ─→ new ─→ walk ─┬─ whole ────────────→ take ─→ sample-reader
 *                                    ↑     └─ a table is missing ─┐
 *                                    └────── it has come ─────────┘
 * </pre>
 *
 * What waits is bounded by the memory for its stacks. Before that is full, samples are walked on with by what large files say of themselves.
 */
public final class Rewalk implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final UserWalks walks;
    private final MadeCode made;
    private final WaitingSamples memory = new WaitingSamples();
    private final Queue<Waiting> offered = new ConcurrentLinkedQueue<>();
    private final Queue<Counted> done = new ConcurrentLinkedQueue<>();
    /** Of the thread that walks; of who finishes once that has ended. */
    private List<Parked> parked = new ArrayList<>();

    private final Worker worker = new Worker("rewalk", "walking on with samples", this::work);
    private volatile boolean stopped;

    /** A sample that may be counted. */
    public record Counted(Sample sample, Image image) {}

    /** @param tried whether it was walked on with before its table has come */
    private record Parked(Waiting sample, Outcome.Waits waits, boolean tried) {}

    /**
     * @param made is answered by this thread
     * @param jvms what is known of an image as a JVM
     */
    public Rewalk(
            CodeTables code,
            MadeCode made,
            ElfSource binaries,
            Function<Image, @Nullable HotSpotEntry> jvms,
            RuleDictionary dictionary,
            UnwindMode mode) {
        this.made = made;
        this.walks = new UserWalks(code, binaries, jvms, dictionary, mode);
    }

    public void start() {
        worker.start();
    }

    /** The walker may have asked what code does. For any thread. */
    public void wake() {
        worker.wake();
    }

    /** Takes a sample to walk on with, with a copy of its stack; false where there is no memory for that. For one thread. */
    public boolean offer(StoppedSample sample) {
        Waiting waiting = memory.add(sample);
        if (waiting == null) {
            return false;
        }
        offered.add(waiting);
        worker.wake();
        return true;
    }

    /** Takes out one that has been walked on with; null where there is none. */
    public @Nullable Counted take() {
        return done.poll();
    }

    /** Walks one at once; tables that it takes are compiled meanwhile. While the thread does not run. */
    public Sample walk(StoppedSample stopped) {
        return walks.finish(stopped);
    }

    public RewalkCounters counters() {
        return walks.counters();
    }

    /** Throws where the thread has failed. */
    public void check() {
        worker.check();
    }

    /** Ends the thread, and walks on with all that wait, as far as they come with what is known now. None is offered any more. */
    public void finish() {
        stop();
        parked.forEach(one -> finish(one.sample()));
        parked.clear();
        for (Waiting next = offered.poll(); next != null; next = offered.poll()) {
            finish(next);
        }
    }

    /** Gives up what waits; nothing is taken after that. */
    @Override
    public void close() {
        stop();
        walks.closeFiles();
        memory.close();
    }

    private void stop() {
        stopped = true;
        worker.wake();
        worker.join();
    }

    private void work() {
        while (!stopped) {
            boolean asked = made.answer() > 0;
            for (Waiting next = offered.poll(); next != null; next = offered.poll()) {
                walk(next);
            }
            List<Parked> before = parked;
            parked = new ArrayList<>();
            before.forEach(this::walkAgain);
            if (parked.isEmpty()) {
                walks.closeFiles();
            }
            LockSupport.parkNanos(asked || !parked.isEmpty() ? PAUSE_NANOS : LONGEST_PAUSE_NANOS);
        }
    }

    private void walkAgain(Parked one) {
        if (walks.isReady(one.sample().stopped(), one.waits())) {
            walk(one.sample());
        } else {
            park(one);
        }
    }

    /** Where there is little memory left for what waits, it is tried without the table; where there is hardly any, it is taken as it is if it may stay so. */
    private void park(Parked one) {
        boolean tries = !one.tried && memory.isFilling();
        Sample ahead = tries ? walks.goAhead(one.sample().stopped()) : null;
        ahead = ahead == null && memory.isNearlyFull()
                ? walks.soFar(one.sample().stopped(), one.waits())
                : ahead;
        if (ahead == null) {
            parked.add(tries ? new Parked(one.sample(), one.waits(), true) : one);
        } else {
            done(one.sample(), ahead);
        }
    }

    private void walk(Waiting waiting) {
        switch (walks.goOn(waiting.stopped())) {
            case Outcome.Whole(Sample sample) -> done(waiting, sample);
            case Outcome.Waits waits -> park(new Parked(waiting, waits, false));
        }
    }

    private void finish(Waiting waiting) {
        Sample ahead = walks.goAhead(waiting.stopped());
        done(waiting, ahead != null ? ahead : walks.finish(waiting.stopped()));
    }

    private void done(Waiting waiting, Sample sample) {
        memory.release(waiting);
        done.add(new Counted(sample, waiting.stopped().image()));
    }
}
