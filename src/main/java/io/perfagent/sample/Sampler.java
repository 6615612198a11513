package io.perfagent.sample;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.abi.CpuCounters;
import io.perfagent.bpf.abi.SampleRecord;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Scheduling;
import io.perfagent.model.Event;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.WaitCauses;
import io.perfagent.thread.Questions;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Takes the samples: a program of the kernel side on an {@link EventSource}, and one thread that reads the ring.
 *
 * <p>The ring is read on a timer, not on wake-ups: at the usual rate four times a second, at higher ones more often.
 */
public final class Sampler implements Questions.Asked, AutoCloseable {
    private static final long LONGEST_PAUSE_NANOS = 250_000_000;
    private static final long LONGEST_HOLD_NANOS = 1_000_000_000;
    /** Between two looks at the ring so many samples come from a CPU, unless the rate is low. */
    private static final int SAMPLES_PER_PAUSE = 25;

    /** Copied stacks fill the ring faster. */
    private static final int PAUSE_PART_AMID_COPIES = 8;

    private static final int FILLING_PART = 8;

    private final BpfObject object;
    private final RingBuffer ring;
    private final int ringBytes;
    private final BpfMap counters;
    private final int cpus;
    private final SampleSink sink;
    private final WaitCauses causes;
    private final LongSupplier until;
    private final Runnable drained;
    private final Worker reader = new Worker("sample-reader", "reading samples", this::readUntilStopped);
    private long pauseNanos = LONGEST_PAUSE_NANOS;
    private long copiesSeen;
    /** CLOCK_MONOTONIC; what is later stays in the ring, whatever comes. */
    private volatile long barrier = Long.MAX_VALUE;

    private volatile boolean stopped;

    /**
     * Prepares the sampler; no sample is taken before {@link #start}.
     *
     * @param object loaded
     * @param ringBytes size of its ring
     * @param sink takes each sample, on the reader's thread
     * @param until CLOCK_MONOTONIC; samples from later stay in the ring, for a second at most, while it has room
     */
    public Sampler(BpfObject object, int ringBytes, SampleSink sink, LongSupplier until) throws IOException {
        this(object, ringBytes, sink, WaitCauses.UNKNOWN, until, () -> {});
    }

    /**
     * The same, where something is to be done between two looks at the ring.
     *
     * @param causes says what waits are for
     * @param drained is called on the reader's thread when what lay in the ring has been handed over, several times a second
     */
    public Sampler(
            BpfObject object, int ringBytes, SampleSink sink, WaitCauses causes, LongSupplier until, Runnable drained)
            throws IOException {
        this.object = object;
        this.ring = new RingBuffer(object.map("ring"), ringBytes);
        this.ringBytes = ringBytes;
        this.counters = object.map("counters");
        this.cpus = Cpus.possible();
        this.sink = sink;
        this.causes = causes;
        this.until = until;
        this.drained = drained;
    }

    /**
     * Takes samples from now on.
     *
     * @return CLOCK_MONOTONIC, from when on those of all sources are taken
     */
    public long start(List<EventSource> sources) throws IOException {
        for (EventSource source : sources) {
            long pause = SAMPLES_PER_PAUSE * TimeUnit.SECONDS.toNanos(1) / source.rate();
            pauseNanos = Math.min(pauseNanos, pause);
        }
        long started = attach(sources);
        reader.start();
        return started;
    }

    /** At about one time. */
    private long attach(List<EventSource> sources) throws IOException {
        Scheduling.preferAboveAll();
        try {
            for (EventSource source : sources) {
                source.attach(object);
            }
            return System.nanoTime();
        } finally {
            Scheduling.preferNoLonger();
        }
    }

    /** Takes no more samples; those in the ring stay there. */
    public void detach() {
        object.detach();
    }

    /** Ends sampling and hands over what still lies in the ring; returns when the sink has seen everything, or has failed. */
    public void stop() {
        detach();
        stopped = true;
        reader.wake();
        reader.join();
    }

    /**
     * Hands over what lies in the ring, up to a moment. On the reader's thread, or when that has ended.
     *
     * @param limit CLOCK_MONOTONIC
     */
    public void drain(long limit) {
        long last = Math.min(limit, barrier);
        ring.drain(this::handOver, record -> SampleRecord.timeNanos(record) <= last);
    }

    /** Hands over nothing that is later than a moment, until it is told another: what is later belongs to what begins then. */
    public void holdFrom(long nanos) {
        barrier = nanos;
    }

    /** Has the reader look at the ring now. */
    @Override
    public void wake() {
        reader.wake();
    }

    /** Throws where the reader has failed: samples have been lost since, and more will be. */
    @Override
    public void check() {
        reader.check();
    }

    /** What has been counted of the samples of an event. */
    @SuppressWarnings("EnumOrdinal") // the ordinal is the kernel side's number
    public SamplerCounters counters(Event event) throws LinuxException {
        String[] names = {
            "samples",
            "dropped",
            "user_frames",
            "walk_ns",
            "program_ns",
            "cache_hits",
            "guessed",
            "copies",
            "copies_left_out",
            "outside",
            "python_frames",
            "python_ns",
            "nested"
        };
        long[] sum = new long[names.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(CpuCounters.LAYOUT);
            for (int cpu = 0; cpu < cpus; cpu++) {
                counters.get(cpu * Event.values().length + event.ordinal(), value);
                for (int i = 0; i < names.length; i++) {
                    sum[i] += CpuCounters.get(value, names[i]);
                }
            }
        }
        return new SamplerCounters(
                sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7], sum[8], sum[9], sum[10], sum[11],
                sum[12]);
    }

    @Override
    public void close() {
        stop();
        ring.close();
    }

    private void readUntilStopped() {
        boolean last = false;
        while (!last) {
            last = stopped;
            long limit = last || isFilling()
                    ? Long.MAX_VALUE
                    : Math.max(until.getAsLong(), System.nanoTime() - LONGEST_HOLD_NANOS);
            long copies = copiesSeen;
            drain(limit);
            drained.run();
            if (!last) {
                LockSupport.parkNanos(copiesSeen > copies ? pauseNanos / PAUSE_PART_AMID_COPIES : pauseNanos);
            }
        }
    }

    /** Samples that wait in the ring must not keep others out of it. */
    private boolean isFilling() {
        return ring.used() > ringBytes / FILLING_PART;
    }

    private void handOver(MemorySegment record) {
        MemorySegment copy = SampleRecord.copy(record);
        copiesSeen += copy.byteSize() > 0 ? 1 : 0;
        SampleRecord.decodeAll(record, causes).forEach(sample -> sink.accept(sample, copy));
    }
}
