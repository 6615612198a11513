package io.perfagent.agent;

import io.perfagent.model.Sample;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The samples that wait for their code to become known, in bounded memory. One thread at a time. */
final class StoppedSamples implements AutoCloseable {
    private static final long BOUND_BYTES = 32 << 20;

    private final CopyMemory memory = new CopyMemory(BOUND_BYTES);
    private final Map<Integer, List<StoppedSample>> byPid = new HashMap<>();
    private boolean closed;

    /** Takes a copy of the copy; false where there is no memory for it. */
    boolean add(Sample sample, MemorySegment copy) {
        MemorySegment block = closed ? null : memory.take(copy.byteSize());
        if (block == null) {
            return false;
        }
        MemorySegment.copy(copy, 0, block, 0, copy.byteSize());
        putBack(new StoppedSample(sample, block, copy.byteSize()));
        return true;
    }

    /** A sample goes on waiting. */
    void putBack(StoppedSample stopped) {
        byPid.computeIfAbsent(stopped.sample().pid(), _ -> new ArrayList<>()).add(stopped);
    }

    /** Processes that samples wait for. */
    List<Integer> pids() {
        return List.copyOf(byPid.keySet());
    }

    /** Those of a process, in the order of time; they do not wait any more. */
    List<StoppedSample> take(int pid) {
        List<StoppedSample> taken = byPid.remove(pid);
        return taken == null ? List.of() : taken;
    }

    /** A sample needs its copy no more. */
    void release(StoppedSample stopped) {
        memory.giveBack(stopped.block());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            byPid.clear();
            memory.close();
        }
    }
}
