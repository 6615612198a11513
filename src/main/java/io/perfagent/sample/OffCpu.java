package io.perfagent.sample;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.abi.WaitCountersEntry;
import io.perfagent.linux.Cpus;
import io.perfagent.model.WaitCounters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Tasks that run again: at each switch the kernel side sees who leaves a CPU and who comes to it. */
public record OffCpu() implements EventSource {
    /** The kernel side chooses fewer of each CPU (bpf/waits.h). */
    private static final int MOST_A_SECOND = 2_000;

    private static final int NOTHING_IS_WRITTEN = 1;
    private static final String SWITCHES = "switch_tasks";
    private static final String WAKE_UPS = "wake_task";

    @Override
    public int rate() {
        return MOST_A_SECOND;
    }

    /** Those that are off the CPU by now are found last: from then on waits are chosen. */
    @Override
    public void attach(BpfObject object) throws IOException {
        object.attach(SWITCHES);
        object.attach(WAKE_UPS);
        object.attach("fork_task");
        object.iterate("prepare_waits").read(NOTHING_IS_WRITTEN, _ -> {});
    }

    /** What has been counted so far, of an object that was loaded for it. */
    public static WaitCounters counters(BpfObject object) throws IOException {
        BpfMap map = object.map("wait_counters");
        WaitCounters sum = WaitCounters.NONE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(WaitCountersEntry.LAYOUT);
            for (int cpu = 0; cpu < Cpus.possible(); cpu++) {
                map.get(cpu, value);
                sum = sum.plus(WaitCountersEntry.decode(value));
            }
        }
        return sum.withPassedOver(object.passedOver(SWITCHES) + object.passedOver(WAKE_UPS));
    }
}
