package io.perfagent.agent;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.StandingThreads;
import io.perfagent.dump.ThreadList;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Scheduling;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.ThreadSpan;
import io.perfagent.model.WaitRequest;
import io.perfagent.profile.Interval;
import io.perfagent.sample.ThreadClocks;
import java.util.Collection;
import java.util.List;

/**
 * The time of threads, parted where intervals are: a wait that goes on there is in both, each with its part. For the thread that counts
 * samples, but for {@link #share}.
 *
 * <pre>
 *   part: the kernel side says how long each thread has run and waited ── read: stacks of those that wait ── share: with all samples
 * </pre>
 */
final class WaitCuts implements AutoCloseable {
    private final WaitRequest request;
    private final int rate;
    private final CutGate gate;
    private final ThreadClocks clocks;
    private final ThreadList list;
    private WaitsUnderWay underWay;
    private List<ThreadSpan> spans = List.of();
    private long unseen;
    private long partedAt;
    private long nanos;
    private OpenWaits open = OpenWaits.NONE;

    /**
     * Has parted nothing yet.
     *
     * @param rate samples of threads that run, a second and CPU
     * @param gate which samples pass on their way
     */
    WaitCuts(BpfObject object, WaitRequest request, int rate, CutGate gate) throws LinuxException {
        this.request = request;
        this.rate = rate;
        this.gate = gate;
        this.list = new ThreadList(object.iterate("cut_threads"));
        this.clocks = new ThreadClocks(object, request.wall());
        this.underWay = new WaitsUnderWay(request, List.of());
    }

    /** Takes what has come of threads that have ended, for which there is not much room. */
    void drain() {
        clocks.drain();
    }

    /** What threads do from now on is of the next interval. */
    void part() throws LinuxException {
        clocks.drain();
        Collection<ThreadRecord> threads = listed();
        spans = clocks.cut(threads);
        unseen = list.leftOut();
        underWay = new WaitsUnderWay(request, threads);
        gate.close(threads);
        partedAt = System.nanoTime();
        nanos = average(threads);
    }

    /** One after the other, which is to take no longer than it must. */
    private Collection<ThreadRecord> listed() throws LinuxException {
        Scheduling.preferAboveAll();
        try {
            return list.now().values();
        } finally {
            Scheduling.preferNoLonger();
        }
    }

    /** CLOCK_MONOTONIC, by which all had been parted. */
    long partedAt() {
        return partedAt;
    }

    /** Likewise, when that was on average: threads times the time between two cuts is what they have spent. */
    long nanos() {
        return nanos;
    }

    private long average(Collection<ThreadRecord> threads) {
        return partedAt
                - Math.round(threads.stream()
                        .filter(thread -> thread.seen() != 0)
                        .mapToLong(thread -> partedAt - thread.seen())
                        .average()
                        .orElse(0));
    }

    /** Counts the parts of waits that go on. */
    void read(Sampling sampling, StandingThreads standing) throws LinuxException {
        open = underWay.count(sampling, standing);
    }

    /** Of the interval that ended at the last cut. */
    OpenWaits open() {
        return open;
    }

    /** Shares the time of threads among the samples of that interval, when it has them all. */
    void share(Interval interval) {
        if (request.wall()) {
            interval.share(spans, rate, request.leastRunning(), unseen);
        }
        spans = List.of();
    }

    @Override
    public void close() {
        clocks.close();
    }
}
