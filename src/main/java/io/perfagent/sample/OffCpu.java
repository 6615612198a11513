package io.perfagent.sample;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.abi.WaitCountersEntry;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.WaitCounters;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tasks that run again: at each switch the kernel side sees who leaves a CPU and who comes to it. A program at wake-ups costs each of them on the
 * machine, so it is attached only where somebody asks what it tells.
 */
public final class OffCpu implements EventSource {
    /** The kernel side chooses fewer of each CPU (bpf/waits.h). */
    private static final int MOST_A_SECOND = 2_000;

    private static final int A_BYTE = 1;
    private static final String SWITCHES = "switch_tasks";
    private static final String SWITCH_ENDS = "end_switch";
    private static final String TIMERS = "prepare_waits";
    private static final String TIMELESS = "prepare_waits_timeless";
    private static final String WAKE_UPS = "wake_task";

    private final BpfObject object;
    private boolean watchesWakeUps;

    /** Of an object that was loaded for it. */
    public OffCpu(BpfObject object) {
        this.object = object;
    }

    @Override
    public int rate() {
        return MOST_A_SECOND;
    }

    /** Those that are off the CPU by now are found last: from then on waits are chosen. */
    @Override
    public void attach(BpfObject loaded) throws IOException {
        if (loaded.has(SWITCH_ENDS)) {
            loaded.attach(SWITCH_ENDS);
        }
        loaded.attach(SWITCHES);
        loaded.attach("fork_task");
        AtomicBoolean schedulerIsSilent = new AtomicBoolean();
        loaded.iterate(loaded.has(TIMELESS) ? TIMELESS : TIMERS).read(A_BYTE, _ -> schedulerIsSilent.set(true));
        if (schedulerIsSilent.get()) {
            watchWakeUps();
        }
    }

    /** Has wake-ups watched as well from now on: who ends waits is not known otherwise. Any thread. */
    public synchronized void watchWakeUps() throws LinuxException {
        if (!watchesWakeUps) {
            object.attach(WAKE_UPS);
            watchesWakeUps = true;
        }
    }

    /** What has been counted so far. */
    public WaitCounters counters() throws IOException {
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
