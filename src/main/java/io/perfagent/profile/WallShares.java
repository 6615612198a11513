package io.perfagent.profile;

import io.perfagent.model.Descriptor;
import io.perfagent.model.GilUse;
import io.perfagent.model.ThreadSpan;
import io.perfagent.model.ThreadState;
import io.perfagent.model.ThreadTimes;
import io.perfagent.model.WalkEnd;
import io.perfagent.model.WallTotals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What each sample of the wall clock stands for. How long a thread ran, was blocked and was ready to run is counted, and so is what of it was
 * recorded for sure. The rest of each of the three is shared by the samples that were taken by chance:
 *
 * <pre>
 *   nanoseconds of a sample = its weight × (counted − sure) / weights of all
 * </pre>
 *
 * All are those of its thread. One that has too few to go by, or none, is taken together with the others of its process of which that is so, and such
 * processes with each other. (In survey sampling: post-stratification, with small strata collapsed.)
 */
final class WallShares {
    /** So many tell the time of a thread better than by a quarter; and with fewer, those that happen to have one would be taken for all. */
    private static final int ENOUGH = 20;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final Kind[] KINDS = Kind.values();
    private static final long[] NO_ADDRESSES = {};

    private final Map<Key, Part> threads = new HashMap<>();
    private final Map<Integer, Part> processes = new HashMap<>();
    private final Part rest = new Part();
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private final long period;
    private final Duration leastRunning;

    private enum Kind {
        RUNNING(ThreadState.RUNNING),
        BLOCKED(ThreadState.OTHER),
        QUEUED(ThreadState.RUNQUEUE);

        /** Of time of which no more is known. */
        private final ThreadState state;

        Kind(ThreadState state) {
            this.state = state;
        }

        static Kind of(ThreadState state) {
            return switch (state) {
                case RUNNING -> RUNNING;
                case RUNQUEUE -> QUEUED;
                case SLEEP, LOCK, GIL, IO, POLL, PAGE_FAULT, STOPPED, OTHER -> BLOCKED;
            };
        }
    }

    private record Key(int pid, int tid) {}

    /** Of a thread, or of several. All by kind. */
    @SuppressWarnings("EnumOrdinal") // kinds index their sums
    private static final class Part {
        private final long[] known = new long[KINDS.length];
        private final long[] sure = new long[KINDS.length];
        private final long[] sureSeen = new long[KINDS.length];
        private final double[] weights = new double[KINDS.length];
        private final long[] samples = new long[KINDS.length];
        private String name = "";
        /** Whether anything is known of it; else its samples stand for themselves. */
        private boolean counted;

        void add(ThreadSpan span) {
            ThreadTimes times = span.times();
            name = span.name();
            counted = true;
            add(Kind.RUNNING, times.running(), 0);
            add(Kind.BLOCKED, times.blocked(), times.sureBlocked());
            add(Kind.QUEUED, times.queued(), times.sureQueued());
        }

        private void add(Kind kind, long nanos, long forSure) {
            known[kind.ordinal()] += nanos;
            sure[kind.ordinal()] += forSure;
        }

        void add(CountedStack stack) {
            int kind = Kind.of(stack.state()).ordinal();
            if (stack.sure()) {
                sureSeen[kind] += stack.count();
            } else {
                weights[kind] += stack.count();
                samples[kind] += stack.waits();
            }
        }

        void add(Part other, Kind kind) {
            int at = kind.ordinal();
            known[at] += other.known[at];
            sure[at] += other.sure[at];
            weights[at] += other.weights[at];
            samples[at] += other.samples[at];
        }

        boolean hasEnough(Kind kind) {
            return samples[kind.ordinal()] >= ENOUGH;
        }

        boolean hasAny(Kind kind) {
            return weights[kind.ordinal()] > 0;
        }

        long byChance(Kind kind) {
            return Math.max(0, known[kind.ordinal()] - sure[kind.ordinal()]);
        }

        long sureLost(Kind kind) {
            return Math.max(0, sure[kind.ordinal()] - sureSeen[kind.ordinal()]);
        }

        double share(Kind kind) {
            return byChance(kind) / weights[kind.ordinal()];
        }

        long nanos() {
            return known[Kind.RUNNING.ordinal()] + known[Kind.BLOCKED.ordinal()] + known[Kind.QUEUED.ordinal()];
        }

        long running() {
            return known[Kind.RUNNING.ordinal()];
        }
    }

    /**
     * Of an interval.
     *
     * @param stacks its samples
     * @param spans what is known of its threads
     * @param rate samples of threads that run, a second and CPU
     * @param leastRunning threads that ran for less are left out
     */
    WallShares(StackAggregator stacks, List<ThreadSpan> spans, int rate, Duration leastRunning) {
        this.period = NANOS_PER_SECOND / rate;
        this.leastRunning = leastRunning;
        spans.forEach(span -> thread(span.pid(), span.tid()).add(span));
        stacks.forEach(stack -> {
            thread(stack.pid(), stack.tid()).add(stack);
            numbers.put(stack.pid(), stack.process());
        });
        for (Kind kind : KINDS) {
            collapse(kind);
        }
    }

    private Part thread(int pid, int tid) {
        return threads.computeIfAbsent(new Key(pid, tid), _ -> new Part());
    }

    private void collapse(Kind kind) {
        threads.forEach((key, thread) -> {
            if (thread.counted && !thread.hasEnough(kind)) {
                processes.computeIfAbsent(key.pid, _ -> new Part()).add(thread, kind);
            }
        });
        processes.values().stream()
                .filter(process -> !process.hasEnough(kind))
                .forEach(process -> rest.add(process, kind));
    }

    /** The stacks, with nanoseconds for counts, and what no stack is known of. */
    void forEach(StackAggregator stacks, Consumer<CountedStack> visitor) {
        stacks.forEach(stack -> {
            Part thread = thread(stack.pid(), stack.tid());
            long nanos = isLeftOut(thread) ? 0 : nanos(stack, thread);
            if (nanos > 0) {
                visitor.accept(stack.withCount(nanos));
            }
        });
        threads.forEach((key, thread) -> {
            for (Kind kind : KINDS) {
                long nanos = stackless(thread, kind, key.pid);
                if (nanos > 0) {
                    visitor.accept(stackless(key, thread.name, kind, nanos));
                }
            }
        });
    }

    private boolean isLeftOut(Part thread) {
        return thread.counted && thread.running() < leastRunning.toNanos();
    }

    private long nanos(CountedStack stack, Part thread) {
        Kind kind = Kind.of(stack.state());
        if (stack.sure()) {
            return stack.count();
        }
        if (!thread.counted) {
            return kind == Kind.RUNNING ? stack.count() * period : stack.count();
        }
        return Math.round(stack.count() * together(thread, kind, stack.pid()).share(kind));
    }

    /** Whose samples of the kind are taken together. */
    private Part together(Part thread, Kind kind, int pid) {
        if (thread.hasEnough(kind)) {
            return thread;
        }
        Part process = processes.getOrDefault(pid, rest);
        return process.hasEnough(kind) ? process : rest;
    }

    private long stackless(Part thread, Kind kind, int pid) {
        if (!thread.counted || isLeftOut(thread)) {
            return 0;
        }
        return thread.sureLost(kind) + (together(thread, kind, pid).hasAny(kind) ? 0 : thread.byChance(kind));
    }

    private CountedStack stackless(Key key, String name, Kind kind, long nanos) {
        return new CountedStack(
                numbers.getOrDefault(key.pid, 0),
                key.pid,
                key.tid,
                name,
                NO_ADDRESSES,
                NO_ADDRESSES,
                WalkEnd.NO_USER_STACK,
                false,
                nanos,
                kind.state,
                Descriptor.NONE,
                0,
                GilUse.NONE,
                null,
                true,
                NO_ADDRESSES);
    }

    /** How the time of all threads divides. */
    WallTotals totals(long unseen) {
        List<ThreadTimes> kept = new ArrayList<>();
        long leftOut = 0;
        long leftOutNanos = 0;
        long stackless = 0;
        for (Map.Entry<Key, Part> entry : threads.entrySet()) {
            Part thread = entry.getValue();
            if (isLeftOut(thread)) {
                leftOut++;
                leftOutNanos += thread.nanos();
            } else if (thread.counted) {
                kept.add(times(thread));
            }
            for (Kind kind : KINDS) {
                stackless += stackless(thread, kind, entry.getKey().pid);
            }
        }
        ThreadTimes sum = kept.stream().reduce(ThreadTimes.NONE, ThreadTimes::plus);
        return new WallTotals(kept.size(), sum, leftOut, leftOutNanos, stackless, unseen);
    }

    @SuppressWarnings("EnumOrdinal")
    private static ThreadTimes times(Part thread) {
        return new ThreadTimes(
                thread.known[Kind.RUNNING.ordinal()],
                thread.known[Kind.BLOCKED.ordinal()],
                thread.known[Kind.QUEUED.ordinal()],
                0,
                0);
    }
}
