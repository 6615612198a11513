package io.perfagent.agent;

import io.perfagent.bpf.abi.StoppedWalk;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The samples that wait for their code to become known, in bounded memory. One thread at a time. */
final class WaitingSamples implements AutoCloseable {
    private static final long BOUND_BYTES = 32 << 20;

    private final CopyMemory memory = new CopyMemory(BOUND_BYTES);
    private List<Waiting> waiting = new ArrayList<>();
    private boolean closed;

    /**
     * A sample that waits.
     *
     * @param stopped the sample; its walk lies in the block
     * @param block memory to be given back
     */
    record Waiting(StoppedSample stopped, MemorySegment block) {}

    /** Takes a sample, with a copy of its copy; false where there is no memory for it. */
    boolean add(StoppedSample stopped) {
        MemorySegment copy = stopped.walk().memory();
        MemorySegment block = closed ? null : memory.take(copy.byteSize());
        if (block == null) {
            return false;
        }
        StoppedWalk walk = new StoppedWalk(block.asSlice(0, copy.byteSize()).copyFrom(copy));
        waiting.add(new Waiting(new StoppedSample(stopped.sample(), stopped.image(), walk), block));
        return true;
    }

    /** All of them, in the order of time; each must be released or put back. */
    List<Waiting> takeAll() {
        List<Waiting> taken = waiting;
        waiting = new ArrayList<>();
        return taken;
    }

    void putBack(Waiting sample) {
        waiting.add(sample);
    }

    void release(Waiting sample) {
        memory.giveBack(sample.block());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            waiting.clear();
            memory.close();
        }
    }
}
