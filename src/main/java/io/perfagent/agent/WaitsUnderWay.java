package io.perfagent.agent;

import io.perfagent.activity.WaitCause;
import io.perfagent.bpf.abi.TaskState;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.dump.StandingThread;
import io.perfagent.dump.StandingThreads;
import io.perfagent.dump.ThreadList;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Activity;
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
    }

    private long nanos(ThreadRecord thread) {
        return Math.max(0, end - thread.awaySince());
    }

    /** Reads the stacks of those that are chosen, and counts them; while nobody is seen any more. */
    OpenWaits count(Sampling sampling, ThreadList list, StandingThreads standing) throws IOException {
        forgetEnded(list);
        waiting.values().forEach(thread -> open = open.plus(new OpenWaits(1, nanos(thread), 0, 0)));
        Set<ThreadId> wanted =
                new LinkedHashSet<>(List.copyOf(waiting.keySet()).subList(0, Math.min(MOST_READ, waiting.size())));
        standing.read(wanted, Integer.MAX_VALUE, one -> add(one, sampling));
        waiting.values().forEach(thread -> open = open.plus(new OpenWaits(0, 0, 1, nanos(thread))));
        return open;
    }

    /** Waits whose end was seen are counted with those that have ended. */
    private void forgetEnded(ThreadList list) throws LinuxException {
        Map<ThreadId, ThreadRecord> last = list.now();
        waiting.values().removeIf(thread -> {
            ThreadRecord now = last.get(thread.id());
            return now == null || now.awaySince() != thread.awaySince();
        });
    }

    /** As the kernel side weighs waits that end (bpf/waits.h). */
    private long weight(long nanos) {
        long threshold = request.threshold().toNanos();
        if (nanos >= threshold) {
            return nanos;
        }
        return ThreadLocalRandom.current().nextLong(threshold) < nanos ? threshold : 0;
    }

    /** Takes what is chosen of its two parts, unless it has run since the end. */
    private boolean add(StandingThread one, Sampling sampling) {
        ThreadRecord then = waiting.get(one.thread().id());
        if (then != null && one.thread().hasStoodSince(then)) {
            waiting.remove(then.id());
            long woken = then.woken() == 0
                    ? end
                    : Math.clamp(then.woken(), then.awaySince(), Math.max(end, then.awaySince()));
            boolean blocked = TaskState.activity(then.state()) != Activity.RUNNABLE;
            long blockedNanos = blocked ? woken - then.awaySince() : 0;
            add(one, sampling, state(then), blockedNanos, blockedNanos);
            long queuedNanos = nanos(then) - blockedNanos;
            add(one, sampling, ThreadState.RUNQUEUE, queuedNanos, blockedNanos == 0 ? queuedNanos : Wait.END);
        }
        return true;
    }

    private void add(StandingThread one, Sampling sampling, ThreadState state, long nanos, long counted) {
        long weight = nanos <= 0 ? 0 : weight(nanos);
        if (weight > 0) {
            var _ = sampling.add(StandingSample.of(one, Event.OFF_CPU, weight, new Wait(state, counted)));
        }
    }

    private ThreadState state(ThreadRecord thread) {
        return causes.of(TaskState.activity(thread.state()), (int) thread.call(), thread.registers()[FIRST_ARGUMENT]);
    }
}
