package io.perfagent.rewalk;

import io.perfagent.bpf.abi.StoppedWalk;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The memory of samples that wait for their code to become known, bounded. Safe for use by several threads. */
final class WaitingSamples implements AutoCloseable {
    private static final long BOUND_BYTES = 32 << 20;
    private static final long FILLING_BYTES = BOUND_BYTES / 4;
    private static final long NEARLY_FULL_BYTES = BOUND_BYTES / 4 * 3;

    private final CopyMemory memory = new CopyMemory(BOUND_BYTES);
    private long held;
    private boolean closed;

    /**
     * A sample that waits.
     *
     * @param stopped the sample; its walk lies in the block
     * @param block memory to be given back
     */
    record Waiting(StoppedSample stopped, MemorySegment block) {}

    /** Takes a sample, with a copy of its copy; null where there is no memory for it. */
    synchronized @Nullable Waiting add(StoppedSample stopped) {
        MemorySegment copy = stopped.walk().memory();
        MemorySegment block = closed ? null : memory.take(copy.byteSize());
        if (block == null) {
            return null;
        }
        held += block.byteSize();
        StoppedWalk walk = new StoppedWalk(block.asSlice(0, copy.byteSize()).copyFrom(copy));
        return new Waiting(new StoppedSample(stopped.sample(), stopped.image(), walk), block);
    }

    synchronized void release(Waiting sample) {
        held -= sample.block().byteSize();
        memory.giveBack(sample.block());
    }

    /** Whether a good part of the memory is taken. */
    synchronized boolean isFilling() {
        return held > FILLING_BYTES;
    }

    /** Whether there is hardly any left. */
    synchronized boolean isNearlyFull() {
        return held > NEARLY_FULL_BYTES;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            memory.close();
        }
    }
}
