package io.perfagent.process;

import io.perfagent.linux.Cpus;
import io.perfagent.linux.EventFd;
import io.perfagent.linux.Fd;
import io.perfagent.linux.PerfEvent;
import io.perfagent.linux.PerfRing;
import io.perfagent.linux.Poll;
import io.perfagent.model.ProcessEvent;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What happens to the processes of the machine: a side-band event on each CPU, merged in the order of time.
 *
 * <pre>
 *   CPU 0   fork 42 ──────────── mmap 42 ──┐
 *   CPU 1          exec 42 ── mmap 42 ─────┴─→ fork, exec, mmap, mmap │ not yet: what another CPU may still be writing
 * </pre>
 *
 * Nothing is queued here beyond what the rings hold: a reader that is too slow loses events, which are counted. One thread reads.
 */
public final class ProcessEvents implements AutoCloseable {
    /** 512 KiB a CPU, some four thousand events; the kernel lets anyone lock 516 KiB a CPU. */
    private static final int RING_PAGES = 128;

    /** A record is visible so much later than its time says, at most; writing one takes microseconds. */
    private static final long SETTLE_NANOS = 1_000_000;

    private static final int SETTLE_MILLIS = 2;

    private final List<Fd> events = new ArrayList<>();
    private final List<PerfRing> rings = new ArrayList<>();
    private final EventFd end;
    private final Poll poll;
    private List<ProcessEvent> waiting = new ArrayList<>();
    private long lost;

    /** Opens the events; they are kept from now on. */
    public ProcessEvents() throws IOException {
        end = EventFd.open();
        try {
            for (int cpu : Cpus.online()) {
                Fd event = PerfEvent.sideBand(cpu);
                events.add(event);
                rings.add(PerfRing.of(event, RING_PAGES));
            }
        } catch (IOException e) {
            release();
            throw e;
        }
        List<Fd> readable = new ArrayList<>(events);
        readable.add(end.fd());
        poll = new Poll(readable);
    }

    /** Waits for an event, at most so long: false then. Not at all after {@link #endWait}. */
    public boolean await(int millis) {
        if (waiting.isEmpty()) {
            return poll.await(millis);
        }
        pause();
        return true;
    }

    /** Ends the wait of another thread. */
    public void endWait() {
        end.signal();
    }

    /**
     * Hands over what has happened since the last call, in the order of time.
     *
     * @return CLOCK_MONOTONIC; nothing from before it will come any more
     */
    public long read(Consumer<ProcessEvent> sink) {
        long settled = System.nanoTime() - SETTLE_NANOS; // CLOCK_MONOTONIC too
        rings.forEach(ring -> ring.drain(this::take));
        if (waiting.isEmpty()) {
            return settled;
        }
        waiting.sort(Comparator.comparingLong(ProcessEvent::timeNanos));
        List<ProcessEvent> early = new ArrayList<>();
        for (ProcessEvent event : waiting) {
            if (event.timeNanos() <= settled) {
                sink.accept(event);
            } else {
                early.add(event);
            }
        }
        waiting = early;
        return settled;
    }

    /** Events that the kernel could not write since the rings were full. */
    public long lost() {
        return lost;
    }

    @Override
    public void close() {
        poll.close();
        release();
    }

    private void release() {
        rings.forEach(PerfRing::close);
        events.forEach(Fd::close);
        end.close();
    }

    /** A process that our PID namespace does not hold has no number in it. */
    private void take(MemorySegment record) {
        ProcessEvent event = SideBandRecords.parse(record);
        if (event != null && event.pid() > 0) {
            waiting.add(event);
        }
        lost += SideBandRecords.lost(record);
    }

    private static void pause() {
        try {
            Thread.sleep(SETTLE_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
