package io.perfagent.sample;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.abi.EventPace;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PerfEvent;
import io.perfagent.linux.Tracepoint;
import io.perfagent.model.SampledEvent;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What is counted by the kernel or by the hardware: each so manieth event is a sample.
 *
 * @param event no clock
 */
public record CountedEvent(SampledEvent event) implements EventSource {
    /** The kernel side takes no more of each CPU (bpf/events.h). */
    private static final int MOST_A_SECOND = 10_000;

    /** How many come nobody knows: as many as may. */
    @Override
    public int rate() {
        return MOST_A_SECOND;
    }

    @Override
    public void attach(BpfObject object) throws IOException {
        String program = program(event);
        for (int cpu : event.kind() == SampledEvent.Kind.TRACEPOINT
                ? List.of(Cpus.online().getFirst())
                : Cpus.online()) {
            Fd opened = open(event, cpu);
            try {
                object.attach(program, opened); // libbpf owns the descriptor from here on
            } catch (LinuxException e) {
                opened.close();
                throw e;
            }
        }
    }

    /** Samples that were not taken, for there were too many. */
    public static long leftOut(BpfObject object) throws IOException {
        BpfMap paces = object.map("paces");
        long leftOut = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pace = arena.allocate(EventPace.LAYOUT);
            for (int cpu = 0; cpu < Cpus.possible(); cpu++) {
                paces.get(cpu, pace);
                leftOut += EventPace.leftOut(pace);
            }
        }
        return leftOut;
    }

    /** Name of the kernel side's program that takes the samples. */
    public static String program(SampledEvent event) {
        return event.kind() == SampledEvent.Kind.TRACEPOINT ? "sample_tracepoint" : "sample_event";
    }

    /**
     * Opens it on a CPU, disabled; a tracepoint's program runs on all CPUs, whichever it is opened on.
     *
     * @throws IOException where there is no such event, or it cannot be had
     */
    public static Fd open(SampledEvent event, int cpu) throws IOException {
        return switch (event.kind()) {
            case CLOCK, SOFTWARE -> PerfEvent.sampledSoftware(cpu, event.number(), event.period());
            case HARDWARE -> PerfEvent.sampledHardware(cpu, event.number(), event.period());
            case TRACEPOINT -> PerfEvent.tracepoint(cpu, Tracepoint.number(event.name()));
        };
    }
}
