package io.perfagent.sample;

import io.perfagent.bpf.BpfObject;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PerfEvent;
import java.io.IOException;

/**
 * Tasks that run: a cpu-clock event on each CPU.
 *
 * @param rate ticks a second
 * @param number which of the kernel's clocks, an enum perf_sw_ids
 */
public record CpuClock(int rate, int number) implements EventSource {
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    /** The usual one. */
    public CpuClock(int rate) {
        this(rate, 0);
    }

    @Override
    public void attach(BpfObject object) throws IOException {
        for (int cpu : Cpus.online()) {
            Fd event = PerfEvent.sampledSoftware(cpu, number, NANOS_PER_SECOND / rate);
            try {
                object.attach("sample_cpu", event); // libbpf owns the descriptor from here on
            } catch (LinuxException e) {
                event.close();
                throw e;
            }
        }
    }
}
