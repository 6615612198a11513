package io.perfagent.agent;

import io.perfagent.activity.WaitCause;
import io.perfagent.bpf.abi.TaskState;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.dump.StandingThread;
import io.perfagent.dump.StandingThreads;
import io.perfagent.dump.ThreadList;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Event;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Wait;
import io.perfagent.model.WaitRequest;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Threads that are off the CPU when a run ends: nothing tells of their waits, so they are looked for, and their stacks read while they stand.
 *
 * <pre>
 *   the end of the run: list ── samples are taken no more ── each is read, and counts if it has not run since
 * </pre>
 */
final class WaitsUnderWay {
    /** Those that have waited longest come first. */
    private static final int MOST_READ = 4096;

    private static final int FIRST_ARGUMENT = 5; // rdi

    private final WaitRequest request;
    private final long end = System.nanoTime();
    private final Map<ThreadId, ThreadRecord> waiting = new LinkedHashMap<>();
    private final WaitCause causes = new WaitCause();
    private OpenWaits open = OpenWaits.NONE;

    /** Finds them; while it is still seen who leaves a CPU and who comes to one. */
    WaitsUnderWay(WaitRequest request, ThreadList list) throws LinuxException {
        this.request = request;
        list.now().values().stream()
                .filter(thread -> thread.awaySince() != 0 && !thread.onCpu() && !thread.userless())
                .filter(thread -> nanos(thread) >= request.shortest().toNanos())
                .sorted(Comparator.comparingLong(ThreadRecord::awaySince))
                .forEach(thread -> waiting.put(thread.id(), thread));
        waiting.values().forEach(thread -> open = open.plus(new OpenWaits(1, nanos(thread), 0, 0)));
    }

    private long nanos(ThreadRecord thread) {
        return Math.max(0, end - thread.awaySince());
    }

    /** Reads the stacks of those that are chosen, and counts them. */
    OpenWaits count(Sampling sampling, StandingThreads standing) throws IOException {
        Map<ThreadId, Long> weights = new LinkedHashMap<>();
        waiting.forEach((id, thread) -> {
            long weight = weight(nanos(thread));
            if (weight > 0) {
                weights.put(id, weight);
            }
        });
        Set<ThreadId> wanted =
                new LinkedHashSet<>(List.copyOf(weights.keySet()).subList(0, Math.min(MOST_READ, weights.size())));
        standing.read(wanted, Integer.MAX_VALUE, one -> add(one, weights, sampling));
        weights.forEach((_, weight) -> open = open.plus(new OpenWaits(0, 0, 1, weight)));
        return open;
    }

    /** As the kernel side weighs waits that end (bpf/waits.h). */
    private long weight(long nanos) {
        long threshold = request.threshold().toNanos();
        if (nanos >= threshold) {
            return nanos;
        }
        return ThreadLocalRandom.current().nextLong(threshold) < nanos ? threshold : 0;
    }

    /** Takes it, unless it has run since the end. */
    private boolean add(StandingThread one, Map<ThreadId, Long> weights, Sampling sampling) {
        ThreadRecord then = waiting.get(one.thread().id());
        if (then != null && one.thread().hasStoodSince(then)) {
            Long weight = weights.remove(then.id());
            if (weight != null) {
                var _ = sampling.add(
                        StandingSample.of(one, Event.OFF_CPU, weight, new Wait(state(then), Math.max(1, nanos(then)))));
            }
        }
        return true;
    }

    private ThreadState state(ThreadRecord thread) {
        return thread.woken() != 0
                ? ThreadState.RUNQUEUE
                : causes.of(
                        TaskState.activity(thread.state()), (int) thread.call(), thread.registers()[FIRST_ARGUMENT]);
    }
}
