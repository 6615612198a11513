package io.perfagent.sample;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadTimesRecord;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.ThreadSpan;
import io.perfagent.model.ThreadTimes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long threads of the targets were on the CPU and off it, from one cut to the next. The kernel side adds up, and hands over the sums of a
 * thread when that ends. For one thread at a time.
 */
public final class ThreadClocks implements AutoCloseable {
    private final RingBuffer ended;
    /** The kernel side's sums at the last cut, by process and thread. */
    private final Map<Long, ThreadTimes> before = new HashMap<>();

    private final List<ThreadSpan> spans = new ArrayList<>();

    /**
     * Of an object that was loaded for waits.
     *
     * @param wall whether all time of threads is counted, or of those only that are there at a cut
     */
    public ThreadClocks(BpfObject object, boolean wall) throws LinuxException {
        ended = new RingBuffer(object.map("ended_threads"), SamplerConfig.endedThreadsBytes(wall));
    }

    /** Takes what has come of threads that have ended: there is room for some only. */
    public void drain() {
        int _ = ended.drain(this::end, _ -> true);
    }

    private void end(MemorySegment record) {
        ThreadSpan whole = ThreadTimesRecord.decodeEnded(record);
        ThreadTimes earlier = before.remove(key(whole.pid(), whole.tid()));
        spans.add(earlier == null ? whole : with(whole, whole.times().since(earlier)));
    }

    private static ThreadSpan with(ThreadSpan whole, ThreadTimes times) {
        return new ThreadSpan(whole.pid(), whole.tid(), whole.name(), times);
    }

    /**
     * What each thread has spent since the last cut.
     *
     * @param threads all that there are, parted at this one
     */
    public List<ThreadSpan> cut(Collection<ThreadRecord> threads) {
        threads.stream().filter(thread -> thread.seen() != 0).forEach(this::add);
        List<ThreadSpan> cut = List.copyOf(spans);
        spans.clear();
        return cut;
    }

    /** A wait that goes on is recorded at the cut, as far as it has come. */
    private void add(ThreadRecord thread) {
        int pid = thread.id().pid();
        int tid = thread.id().tid();
        ThreadTimes earlier = before.put(key(pid, tid), thread.times());
        ThreadTimes open = new ThreadTimes(0, 0, 0, thread.openBlocked(), thread.openQueued());
        ThreadTimes times = thread.times().since(earlier == null ? ThreadTimes.NONE : earlier);
        spans.add(new ThreadSpan(pid, tid, thread.name(), times.plus(open)));
    }

    private static long key(int pid, int tid) {
        return (long) pid << 32 | tid;
    }

    @Override
    public void close() {
        ended.close();
    }
}
