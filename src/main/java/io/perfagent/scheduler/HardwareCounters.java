package io.perfagent.scheduler;

import io.perfagent.bpf.BpfMap;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PerfEvent;
import io.perfagent.model.HardwareCounter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The counters of each CPU, which count whatever runs there: the kernel side looks at them when a target comes and when it leaves. */
final class HardwareCounters implements AutoCloseable {
    /** Opens what one of them counts on a CPU. */
    @FunctionalInterface
    interface Opener {
        Fd open(int cpu, HardwareCounter counter) throws LinuxException;
    }

    private final Map<HardwareCounter, Map<Integer, Fd>> events = new EnumMap<>(HardwareCounter.class);
    private @Nullable String missing;

    private HardwareCounters() {}

    /** Those that the machine has. */
    static HardwareCounters open() throws IOException {
        return open((cpu, counter) -> PerfEvent.hardware(cpu, number(counter)));
    }

    static HardwareCounters open(Opener opener) throws IOException {
        HardwareCounters counters = new HardwareCounters();
        for (HardwareCounter counter : HardwareCounter.values()) {
            counters.open(counter, opener);
        }
        return counters;
    }

    /** Whether there is one of them at least. */
    boolean any() {
        return events.values().stream().anyMatch(byCpu -> !byCpu.isEmpty());
    }

    /** Why there is none; null where there are some. */
    @Nullable
    String missing() {
        return any() ? null : missing;
    }

    /**
     * Shows them to the kernel side.
     *
     * @param cpus possible ones
     */
    void put(BpfMap map, int cpus) throws LinuxException {
        for (Map.Entry<HardwareCounter, Map<Integer, Fd>> counter : events.entrySet()) {
            for (Map.Entry<Integer, Fd> event : counter.getValue().entrySet()) {
                map.put(counter.getKey().ordinal() * cpus + event.getKey(), event.getValue());
            }
        }
    }

    @Override
    public void close() {
        List<Fd> all = new ArrayList<>();
        events.values().forEach(byCpu -> all.addAll(byCpu.values()));
        events.clear();
        all.forEach(Fd::close);
    }

    private void open(HardwareCounter counter, Opener opener) throws IOException {
        Map<Integer, Fd> byCpu = new TreeMap<>();
        events.put(counter, byCpu);
        for (int cpu : Cpus.online()) {
            try {
                byCpu.put(cpu, opener.open(cpu, counter));
            } catch (LinuxException e) {
                missing = reason(e);
                return;
            }
        }
    }

    private static String reason(LinuxException e) {
        return switch (e.errno()) {
            case ENOENT, ENODEV, EOPNOTSUPP -> "there are no hardware counters here, as in most virtual machines";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** include/uapi/linux/perf_event.h, enum perf_hw_id. */
    private static int number(HardwareCounter counter) {
        return switch (counter) {
            case CYCLES -> 0;
            case INSTRUCTIONS -> 1;
            case CACHE_MISSES -> 3;
        };
    }
}
