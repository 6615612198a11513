package io.perfagent.agent;

import io.perfagent.activity.WaitCause;
import io.perfagent.bpf.abi.TaskState;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.dump.StandingThread;
import io.perfagent.dump.StandingThreads;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Descriptor;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Wait;
import io.perfagent.model.WaitRequest;
import io.perfagent.model.Waking;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Threads that are off the CPU at a cut: what they have waited by then belongs to the interval that ends, and nothing tells of it. So their stacks
 * are read while they stand.
 *
 * <pre>
 *   the list, at which the kernel side parts waits ── each is read, and counts if it has not run since
 * </pre>
 */
final class WaitsUnderWay {
    /** Those that have waited longest come first. */
    private static final int MOST_READ = 4096;

    private static final int FIRST_ARGUMENT = 5; // rdi

    private final WaitRequest request;
    private final Map<ThreadId, ThreadRecord> waiting = new LinkedHashMap<>();
    private final WaitCause causes = new WaitCause();
    private OpenWaits open = OpenWaits.NONE;

    /** @param threads the list */
    WaitsUnderWay(WaitRequest request, Collection<ThreadRecord> threads) {
        this.request = request;
        threads.stream()
                .filter(thread -> thread.openNanos() > 0 && !thread.userless())
                .filter(thread ->
                        thread.seen() - thread.awaySince() >= request.shortest().toNanos())
                .sorted(Comparator.comparingLong(ThreadRecord::awaySince))
                .forEach(thread -> waiting.put(thread.id(), thread));
    }

    /** Reads the stacks of those that are chosen, and counts them; on the thread that counts samples, or once that has ended. */
    OpenWaits count(Sampling sampling, StandingThreads standing) throws LinuxException {
        waiting.values().forEach(thread -> open = open.plus(new OpenWaits(1, thread.openNanos(), 0, 0)));
        Set<ThreadId> wanted =
                new LinkedHashSet<>(List.copyOf(waiting.keySet()).subList(0, Math.min(MOST_READ, waiting.size())));
        standing.read(wanted, Integer.MAX_VALUE, one -> add(one, sampling));
        for (ThreadRecord thread : waiting.values()) {
            open = open.plus(new OpenWaits(0, 0, 1, thread.openNanos()));
            addKernels(thread, sampling);
        }
        return open;
    }

    /** Takes what is chosen of its two parts, unless it has run since the cut. */
    private boolean add(StandingThread one, Sampling sampling) {
        ThreadRecord then = waiting.get(one.thread().id());
        if (then != null && one.thread().hasStoodSince(then)) {
            waiting.remove(then.id());
            add(
                    then,
                    (weight, wait, waking) ->
                            sampling.add(StandingSample.of(one, request.event(), weight, wait, waking)));
        }
        return true;
    }

    /** Of the wall clock all is to be seen, if only where in the kernel it was: that was read at the cut. */
    private void addKernels(ThreadRecord thread, Sampling sampling) {
        if (request.wall() && !thread.onCpu()) {
            add(thread, (weight, wait, waking) -> sampling.addKernels(thread, weight, wait, waking));
        }
    }

    /** Takes a part that is chosen. */
    private interface Part {
        void take(long weight, Wait wait, Waking waking);
    }

    private void add(ThreadRecord thread, Part taker) {
        long blocked = thread.openBlocked();
        Descriptor on = causes.descriptor((int) thread.call(), thread.descriptor());
        add(new Wait(state(thread), blocked, true, on), blocked, waking(thread), taker);
        long queued = thread.openQueued();
        add(new Wait(ThreadState.RUNQUEUE, blocked == 0 ? queued : Wait.END, true), queued, Waking.NONE, taker);
    }

    private void add(Wait wait, long nanos, Waking waking, Part taker) {
        long weight = nanos <= 0 ? 0 : weight(nanos);
        if (weight > 0) {
            taker.take(weight, new Wait(wait.state(), wait.nanos(), weight == nanos, wait.descriptor()), waking);
        }
    }

    /** Who has woken a thread that has not run since is told to nobody. */
    private Waking waking(ThreadRecord thread) {
        if (!request.wakers()) {
            return Waking.NONE;
        }
        return new Waking(thread.woken() == 0 ? Waking.NOT_YET : Waking.MISSED, null, 0);
    }

    /** As the kernel side weighs waits that end (bpf/waits.h); of the wall clock each is taken as it is. */
    private long weight(long nanos) {
        long threshold = request.threshold().toNanos();
        if (request.wall() || nanos >= threshold) {
            return nanos;
        }
        return ThreadLocalRandom.current().nextLong(threshold) < nanos ? threshold : 0;
    }

    private ThreadState state(ThreadRecord thread) {
        return causes.of(TaskState.activity(thread.state()), (int) thread.call(), thread.registers()[FIRST_ARGUMENT]);
    }
}
