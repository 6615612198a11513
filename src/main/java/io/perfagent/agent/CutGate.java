package io.perfagent.agent;

import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.model.Sample;
import io.perfagent.sample.SampleSink;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps samples of the next interval from this one while threads are parted, which is done to one after the other: of each thread those are the next
 * one's that were taken behind the look at it. Those of threads that ended waits are of no interval, but of the waits. For the thread that counts
 * samples.
 */
final class CutGate implements SampleSink {
    private final SampleSink sink;
    private final Map<Long, Long> looks = new HashMap<>();
    private final List<Kept> later = new ArrayList<>();
    private long firstLook = Long.MAX_VALUE;

    private record Kept(Sample sample, MemorySegment copy) {}

    CutGate(SampleSink sink) {
        this.sink = sink;
    }

    @Override
    public void accept(Sample sample, MemorySegment copy) {
        if (!sample.wakes() && isLater(sample)) {
            later.add(new Kept(sample, owned(copy)));
        } else {
            sink.accept(sample, copy);
        }
    }

    /** One that nobody has looked at has begun since, or has ended before. */
    private boolean isLater(Sample sample) {
        return sample.timeNanos() > looks.getOrDefault(key(sample.pid(), sample.tid()), firstLook);
    }

    private static MemorySegment owned(MemorySegment copy) {
        long size = copy.byteSize();
        MemorySegment words = MemorySegment.ofArray(new long[(int) ((size + Long.BYTES - 1) / Long.BYTES)]);
        MemorySegment.copy(copy, 0, words, 0, size);
        return words.asSlice(0, size);
    }

    /** They have been looked at. */
    void close(Collection<ThreadRecord> threads) {
        for (ThreadRecord thread : threads) {
            if (thread.seen() != 0) {
                looks.put(key(thread.id().pid(), thread.id().tid()), thread.seen());
                firstLook = Math.min(firstLook, thread.seen());
            }
        }
    }

    /** The next interval has begun. */
    void open() {
        looks.clear();
        firstLook = Long.MAX_VALUE;
        later.forEach(kept -> sink.accept(kept.sample, kept.copy));
        later.clear();
    }

    private static long key(int pid, int tid) {
        return (long) pid << 32 | tid;
    }
}
