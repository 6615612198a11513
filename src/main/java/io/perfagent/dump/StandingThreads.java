package io.perfagent.dump;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.runtime.cpython.LiveFrames;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongToIntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stacks of threads that wait, from user space and without stopping them. Each is looked at before and after: only what was read
 * of one that was on no processor in between counts.
 *
 * <pre>
 *   list ──→ stack, Python frames of each ──→ list ──→ who has not run: read │ who has: again, later
 * </pre>
 *
 * For one thread.
 */
public final class StandingThreads implements AutoCloseable {
    private static final long HEAP = Runtime.getRuntime().maxMemory();
    /** Of a stack, bytes; of a heap of 256 MiB 8. */
    private static final int LARGEST_STACK = (int) Math.min(8 << 20, HEAP / 32);
    /** Of all that are read at once. */
    private static final long MOST_AT_ONCE = Math.min(32 << 20, HEAP / 16);

    /** Below the stack pointer, that leaves use (System V psABI, 3.2.2). */
    private static final int RED_ZONE = 128;

    private static final int FIRST_ARGUMENT = 5; // rdi: of futex(2) the word that is waited on

    private final ThreadList list;
    private final IntFunction<@Nullable Image> images;
    private final LiveFrames python;
    private final Map<Integer, Target> targets = new HashMap<>();
    private final Map<Integer, Optional<Set<Long>>> gilHolders = new HashMap<>();
    /** CLOCK_MONOTONIC. */
    private long firstLook;

    private long lastLook;

    /** A process while some of its threads are read. */
    private record Target(Image image, MemoryPages memory, NavigableMap<Long, Mapping> mappings) {}

    /**
     * Reads none yet.
     *
     * @param images what runs under a PID; null where none does any more
     */
    public StandingThreads(ThreadList list, IntFunction<@Nullable Image> images, LiveFrames python) {
        this.list = list;
        this.images = images;
        this.python = python;
    }

    /**
     * Reads those that stand, in some parts.
     *
     * @param wanted of which those are taken out that were taken, and those that have ended
     * @param together how many are read between two looks: fewer take less time, in which fewer go on
     * @param found says of each whether it takes it
     */
    public void read(Set<ThreadId> wanted, int together, Predicate<StandingThread> found) throws LinuxException {
        forgetTargets();
        wanted.retainAll(list.now().keySet());
        List<ThreadId> left = List.copyOf(wanted);
        for (int from = 0; from < left.size(); ) {
            List<StandingThread> part = new ArrayList<>();
            firstLook = firstLook == 0 ? System.nanoTime() : firstLook;
            Map<ThreadId, ThreadRecord> before = list.now();
            from = readPart(left, from, Math.min(left.size() - from, together), before, part);
            Map<ThreadId, ThreadRecord> after = list.now();
            lastLook = System.nanoTime();
            for (StandingThread one : part) {
                ThreadRecord now = after.get(one.thread().id());
                if (now != null && now.hasStoodSince(one.thread()) && found.test(one)) {
                    wanted.remove(now.id());
                }
            }
        }
    }

    /** From the first look to the last. */
    public Duration took() {
        return Duration.ofNanos(lastLook - firstLook);
    }

    /** Returns where the next part begins. */
    private int readPart(
            List<ThreadId> ids, int from, int count, Map<ThreadId, ThreadRecord> threads, List<StandingThread> read) {
        Map<Integer, LiveFrames.Reader> readers = new HashMap<>();
        long bytes = 0;
        int at = from;
        for (; at < from + count && bytes < MOST_AT_ONCE; at++) {
            ThreadRecord thread = threads.get(ids.get(at));
            Target target = thread == null || thread.onCpu() || thread.userless()
                    ? null
                    : target(thread.id().pid());
            if (thread != null && target != null) {
                int pid = thread.id().pid();
                LiveFrames.Reader frames = readers.computeIfAbsent(pid, _ -> reader(pid, target));
                StandingThread standing = read(thread, target, frames, fsBase -> tid(threads, pid, fsBase));
                bytes += standing.walk().memory().byteSize();
                read.add(standing);
            }
        }
        return at;
    }

    private LiveFrames.Reader reader(int pid, Target target) {
        target.memory.forget();
        LiveFrames.Reader reader = python.reader(target.image, target.memory, target.memory.now());
        gilHolders.computeIfAbsent(pid, _ -> Optional.ofNullable(reader.gilHolders()));
        return reader;
    }

    /** Where the FS begins of the threads that had the GIL of a process when it was looked at first; null where that is not known. */
    public @Nullable Set<Long> gilHolders(int pid) {
        return gilHolders.getOrDefault(pid, Optional.empty()).orElse(null);
    }

    private static int tid(Map<ThreadId, ThreadRecord> threads, int pid, long fsBase) {
        return threads.values().stream()
                .filter(thread -> thread.id().pid() == pid && thread.fsBase() == fsBase)
                .mapToInt(thread -> thread.id().tid())
                .findFirst()
                .orElse(0);
    }

    /** A mapping may hold several stacks, each with pages at its lower end that cannot be read. */
    private static StandingThread read(
            ThreadRecord thread, Target target, LiveFrames.Reader frames, LongToIntFunction tids) {
        long sp = thread.stackPointer();
        Map.Entry<Long, Mapping> below = target.mappings.floorEntry(sp);
        Mapping mapping = below != null && below.getValue().contains(sp) ? below.getValue() : null;
        long start = mapping == null ? sp : Math.max(mapping.start(), sp - RED_ZONE);
        int most = mapping == null ? 0 : (int) Math.min(mapping.end() - start, LARGEST_STACK);
        byte[] stack = target.memory.stack(start, most);
        StoppedWalk walk = StoppedWalk.of(thread, start, stack, stack.length == LARGEST_STACK);
        return new StandingThread(
                thread,
                target.image,
                walk,
                frames.frames(thread.fsBase(), sp, start + stack.length),
                frames.gil(thread.fsBase(), thread.registers()[FIRST_ARGUMENT], tids));
    }

    private @Nullable Target target(int pid) {
        return targets.computeIfAbsent(pid, _ -> open(pid));
    }

    private @Nullable Target open(int pid) {
        Image image = images.apply(pid);
        try {
            NavigableMap<Long, Mapping> mappings = new TreeMap<>();
            ProcMaps.read(pid).forEach(mapping -> mappings.put(mapping.start(), mapping));
            return image == null ? null : new Target(image, new MemoryPages(pid), mappings);
        } catch (IOException _) {
            return null; // has ended
        }
    }

    /** Stacks come and go, and each look begins anew. */
    private void forgetTargets() {
        targets.values().forEach(target -> target.memory.close());
        targets.clear();
    }

    @Override
    public void close() {
        forgetTargets();
    }
}
