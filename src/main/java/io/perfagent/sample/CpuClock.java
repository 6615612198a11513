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
 */
public record CpuClock(int rate) implements EventSource {
    @Override
    public void attach(BpfObject object) throws IOException {
        for (int cpu : Cpus.online()) {
            Fd event = PerfEvent.cpuClock(cpu, rate);
            try {
                object.attach("sample_cpu", event); // libbpf owns the descriptor from here on
            } catch (LinuxException e) {
                event.close();
                throw e;
            }
        }
    }
}
