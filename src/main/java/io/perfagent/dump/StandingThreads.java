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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
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
    /** Of a stack, bytes. */
    private static final int LARGEST_STACK = 8 << 20;
    /** Of all that are read at once. */
    private static final long MOST_AT_ONCE = 32 << 20;

    /** Below the stack pointer, that leaves use (System V psABI, 3.2.2). */
    private static final int RED_ZONE = 128;

    private final ThreadList list;
    private final IntFunction<@Nullable Image> images;
    private final LiveFrames python;
    private final Map<Integer, Target> targets = new HashMap<>();

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
     * @param wanted of which those are taken out that were read, and those that have ended
     * @param together how many are read between two looks: fewer take less time, in which fewer go on
     * @param found takes each
     */
    public void read(Set<ThreadId> wanted, int together, Consumer<StandingThread> found) throws LinuxException {
        forgetTargets();
        Map<ThreadId, ThreadRecord> before = list.now();
        wanted.retainAll(before.keySet());
        List<ThreadId> left = List.copyOf(wanted);
        for (int from = 0; from < left.size(); ) {
            List<StandingThread> part = new ArrayList<>();
            from = readPart(left, from, Math.min(left.size(), from + together), before, part);
            Map<ThreadId, ThreadRecord> after = list.now();
            for (StandingThread one : part) {
                ThreadRecord now = after.get(one.thread().id());
                if (now != null && now.hasStoodSince(one.thread())) {
                    wanted.remove(now.id());
                    found.accept(one);
                }
            }
            before = after;
        }
    }

    /** Returns where the next part begins. */
    private int readPart(
            List<ThreadId> ids, int from, int to, Map<ThreadId, ThreadRecord> threads, List<StandingThread> read) {
        long bytes = 0;
        int at = from;
        Map<Integer, LiveFrames.Reader> readers = new HashMap<>();
        for (; at < to && bytes < MOST_AT_ONCE; at++) {
            ThreadRecord thread = threads.get(ids.get(at));
            Target target = thread == null || thread.onCpu() || thread.userless()
                    ? null
                    : target(thread.id().pid());
            if (thread != null && target != null) {
                LiveFrames.Reader frames = readers.computeIfAbsent(thread.id().pid(), _ -> reader(target));
                StandingThread standing = read(thread, target, frames);
                bytes += standing.walk().memory().byteSize();
                read.add(standing);
            }
        }
        return at;
    }

    private LiveFrames.Reader reader(Target target) {
        target.memory.forget();
        return python.reader(target.image, target.memory);
    }

    /** A mapping may hold several stacks, each with pages at its lower end that cannot be read. */
    private static StandingThread read(ThreadRecord thread, Target target, LiveFrames.Reader frames) {
        long sp = thread.stackPointer();
        Map.Entry<Long, Mapping> below = target.mappings.floorEntry(sp);
        Mapping mapping = below != null && below.getValue().contains(sp) ? below.getValue() : null;
        long start = mapping == null ? sp : Math.max(mapping.start(), sp - RED_ZONE);
        int most = mapping == null ? 0 : (int) Math.min(mapping.end() - start, LARGEST_STACK);
        byte[] stack = target.memory.stack(start, most);
        StoppedWalk walk = StoppedWalk.of(thread, start, stack, stack.length == LARGEST_STACK);
        return new StandingThread(thread, target.image, walk, frames.frames(thread.fsBase(), sp, start + stack.length));
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
