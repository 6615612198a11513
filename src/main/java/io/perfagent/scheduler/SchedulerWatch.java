package io.perfagent.scheduler;

import io.perfagent.bpf.BpfIterator;
import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.SchedulerConfig;
import io.perfagent.bpf.SchedulerObject;
import io.perfagent.bpf.abi.SchedulerState;
import io.perfagent.bpf.abi.SchedulingRecord;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.SchedulerCounts;
import io.perfagent.model.Scheduling;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Has the kernel side count, from {@link #begin} to {@link #end}.
 *
 * <pre>
 *   load ──→ add targets, those they have started ──→ begin ──→ end: what was counted
 * </pre>
 */
public final class SchedulerWatch implements AutoCloseable {
    /** A record of one process takes 12 KiB. */
    private static final int MOST_PROCESSES = 1024;

    private static final int MOST_PROCESSES_OF_ALL = 2048;
    /** In the list of targets: of one that has ended the last switch is to come. */
    private static final int NO_PROCESS = 0;

    private static final long LOOK_NANOS = 1_000_000;
    /** Longer than threads wait for a CPU; a switch that the kernel tells nobody of is not waited for. */
    private static final long LONGEST_LAST_WAIT_NANOS = 10_000_000_000L;

    private static final String[] TRACEPOINTS = {"migrate", "wake_up", "wake_up_new", "switch_from_to"};

    private final BpfObject object;
    private final HardwareCounters hardware;
    private final BpfIterator takeTargets;
    private final SchedulerConfig config;
    private long began;

    private SchedulerWatch(BpfObject object, HardwareCounters hardware, SchedulerConfig config) throws LinuxException {
        this.object = object;
        this.hardware = hardware;
        this.config = config;
        this.takeTargets = object.iterate("take_targets");
    }

    /**
     * Loads the kernel side; nothing is counted yet, but what targets start is noted once they are known.
     *
     * @param allProcesses whether every process is a target
     * @param children whether what targets start is one
     * @param perProcess whether each is counted on its own
     * @param pidNamespace inode of the one whose numbers processes have, 0 for the initial one
     */
    public static SchedulerWatch load(boolean allProcesses, boolean children, boolean perProcess, int pidNamespace)
            throws IOException {
        return load(allProcesses, children, perProcess, pidNamespace, HardwareCounters.open());
    }

    static SchedulerWatch load(
            boolean allProcesses, boolean children, boolean perProcess, int pidNamespace, HardwareCounters hardware)
            throws IOException {
        int slots = 1 + (allProcesses ? MOST_PROCESSES_OF_ALL : MOST_PROCESSES);
        SchedulerConfig config = new SchedulerConfig(
                Cpus.possible(), perProcess ? slots : 0, allProcesses, children, pidNamespace, hardware.any());
        BpfObject object = null;
        try {
            object = SchedulerObject.load(config);
            hardware.put(object.map("hardware"), config.cpus());
            SchedulerWatch watch = new SchedulerWatch(object, hardware, config);
            watch.follow();
            return watch;
        } catch (LinuxException | RuntimeException e) {
            if (object != null) {
                object.close();
            }
            hardware.close();
            throw e;
        }
    }

    private void follow() throws LinuxException {
        if (!config.allProcesses()) {
            object.attach("forget_process");
            if (config.children()) {
                object.attach("follow_fork");
            }
        }
        add(List.of());
    }

    /** Takes processes as targets, by their numbers in our PID namespace, as far as they are there. */
    public void add(Collection<Integer> pids) throws LinuxException {
        BpfMap given = object.map("given");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wanted = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            for (int pid : pids) {
                given.put(pid, wanted);
            }
        }
        boolean _ = anyRunning();
    }

    /** Whether a target has a thread that has not ended, what targets have started among them. */
    public boolean anyRunning() throws LinuxException {
        return listed().stream().anyMatch(pid -> pid != NO_PROCESS);
    }

    private Set<Integer> listed() throws LinuxException {
        Set<Integer> listed = new HashSet<>();
        takeTargets.read(Integer.BYTES, pid -> listed.add(pid.get(ValueLayout.JAVA_INT, 0)));
        return listed;
    }

    /** Of targets whose end ends the run: threads leave their CPUs a last time when they are in no list any more, later on a busy machine. */
    private void awaitLastSwitches() throws LinuxException {
        long from = System.nanoTime();
        while (listed().equals(Set.of(NO_PROCESS)) && System.nanoTime() - from < LONGEST_LAST_WAIT_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Counts from now on, the slices among it that are under way. */
    public void begin() throws IOException {
        for (String tracepoint : TRACEPOINTS) {
            object.attach(tracepoint);
        }
        onEachCpu("begin_on_cpu");
        began = System.nanoTime();
    }

    /** Counts no more, and says what it has; once. */
    public SchedulerCounts end() throws IOException {
        awaitLastSwitches();
        onEachCpu("end_on_cpu");
        Duration duration = Duration.ofNanos(System.nanoTime() - began);
        object.runOn(Cpus.online().getFirst(), "end_waits");
        object.detach();
        List<Scheduling> counted = counted();
        Scheduling all = counted.stream().reduce(Scheduling::plus).orElseThrow();
        List<Scheduling> processes = config.processSlots() == 0 ? List.of() : processes(counted);
        Scheduling rest = counted.getFirst();
        boolean others = config.processSlots() > 0
                && rest.slices().count() + rest.waits().count() > 0;
        return new SchedulerCounts(
                duration,
                all,
                processes,
                others ? rest : null,
                hardware.missing(),
                state("not_followed"),
                state("waits_left_out"));
    }

    private void onEachCpu(String program) throws IOException {
        for (int cpu : Cpus.online()) {
            object.runOn(cpu, program);
        }
    }

    private List<Scheduling> counted() throws LinuxException {
        BpfMap schedulings = object.map("schedulings");
        long used =
                config.processSlots() == 0 ? config.cpus() : Math.min(config.processSlots(), state("slots_taken") + 1);
        List<Scheduling> counted = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment record = arena.allocate(SchedulingRecord.LAYOUT);
            for (int slot = 0; slot < used; slot++) {
                schedulings.get(slot, record);
                counted.add(SchedulingRecord.decode(record));
            }
        }
        return counted;
    }

    /** The first is those for which there was no room; one that two CPUs have met at once has another in which there is nothing. */
    private static List<Scheduling> processes(List<Scheduling> counted) {
        return counted.stream()
                .skip(1)
                .filter(process -> process.pid() != 0)
                .sorted(Comparator.comparingLong(
                                (Scheduling process) -> process.slices().sum())
                        .reversed())
                .toList();
    }

    private long state(String field) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(SchedulerState.LAYOUT);
            object.map("state").get(0, state);
            return SchedulerState.get(state, field);
        }
    }

    @Override
    public void close() {
        object.close();
        hardware.close();
    }
}
