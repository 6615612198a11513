package io.perfagent.profile;

import io.perfagent.model.Call;
import io.perfagent.model.Event;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of CPython's global interpreter lock in one process: how long it was held by which functions, and who waited for whom. All
 * times are estimates, in nanoseconds, as the samples stand for them.
 */
public final class GilSummary {
    private final int pid;
    private long running;
    private long off;
    private long held;
    private long waited;
    private final Map<Function, Long> holders = new HashMap<>();
    private final Map<Pair, Long> pairs = new HashMap<>();
    private final Map<GilUse.Holder, Long> unknown = new EnumMap<>(GilUse.Holder.class);

    /**
     * A Python function.
     *
     * @param startLine its first one
     */
    public record Function(String name, String file, int startLine) {
        /** Of what runs no Python function, or none whose name is known. */
        private static final Function NONE = new Function("", "", 0);

        private static Function of(@Nullable Location frame) {
            if (frame == null || frame.kind() != Location.Kind.PYTHON) {
                return NONE;
            }
            Call call = frame.innermost();
            return new Function(call.function(), call.file(), call.startLine());
        }

        /** Of the innermost frame of Python's. */
        private static Function of(StackCount stack) {
            return of(stack.locations().stream()
                    .filter(location -> location.kind() == Location.Kind.PYTHON)
                    .findFirst()
                    .orElse(null));
        }

        /** Whether it has a name. */
        public boolean known() {
            return !name.isEmpty();
        }
    }

    /** One function that waited while another had the lock. */
    public record Pair(Function waiter, Function holder) {}

    private GilSummary(int pid) {
        this.pid = pid;
    }

    /**
     * Of each process that used a lock, the one first in which most was waited and held.
     *
     * @param stacks of all events
     * @param period nanoseconds that a sample of a running thread stands for; 0 where none were taken at a clock
     */
    public static List<GilSummary> of(List<StackCount> stacks, long period) {
        Map<Integer, GilSummary> processes = new TreeMap<>();
        for (StackCount stack : stacks) {
            processes.computeIfAbsent(stack.pid(), GilSummary::new).add(stack, period);
        }
        return processes.values().stream()
                .filter(process -> process.held + process.waited > 0)
                .sorted(Comparator.comparingLong((GilSummary process) -> process.held + process.waited)
                        .reversed())
                .toList();
    }

    private void add(StackCount stack, long period) {
        boolean away = stack.event() == Event.OFF_CPU;
        long nanos = away ? stack.count() : stack.count() * period;
        off += away ? nanos : 0;
        running += away ? 0 : nanos;
        if (stack.activity().holdsGil() && nanos > 0) {
            held += nanos;
            holders.merge(Function.of(stack), nanos, Long::sum);
        }
        if (stack.state() == ThreadState.GIL) {
            waited += nanos;
            if (stack.activity().gilHolder() != null
                    && stack.activity().gilHolder().known() == GilUse.Holder.KNOWN) {
                pairs.merge(
                        new Pair(
                                Function.of(stack),
                                Function.of(stack.activity().gilHolder().frame())),
                        nanos,
                        Long::sum);
            } else if (stack.activity().gilHolder() != null) {
                unknown.merge(stack.activity().gilHolder().known(), nanos, Long::sum);
            }
        }
    }

    public int pid() {
        return pid;
    }

    /** Of all threads, on the CPU; 0 where that was not sampled. */
    public long running() {
        return running;
    }

    /** Of all threads, off the CPU. */
    public long off() {
        return off;
    }

    /** As long as a thread had it. */
    public long held() {
        return held;
    }

    /** Of all threads that waited for it. */
    public long waited() {
        return waited;
    }

    /** The same where it is not known who had it meanwhile, by the reason. */
    public Map<GilUse.Holder, Long> unknown() {
        return unknown;
    }

    /** Who had it for how long, the longest first. */
    public List<Map.Entry<Function, Long>> holders() {
        return longestFirst(holders);
    }

    /** Who waited for whom, the longest first. */
    public List<Map.Entry<Pair, Long>> pairs() {
        return longestFirst(pairs);
    }

    private static <T> List<Map.Entry<T, Long>> longestFirst(Map<T, Long> times) {
        return times.entrySet().stream()
                .sorted(Map.Entry.<T, Long>comparingByValue().reversed())
                .toList();
    }
}
