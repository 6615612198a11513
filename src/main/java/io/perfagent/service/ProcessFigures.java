package io.perfagent.service;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.sink.Metric;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What perf-agent takes of the machine, under the names that Prometheus has for every process. */
final class ProcessFigures {
    private static final int KIB = 1024;
    private static final double NANOS = 1e9;

    private ProcessFigures() {}

    static List<Metric> now() {
        List<Metric> figures = new ArrayList<>();
        ProcessHandle.Info self = ProcessHandle.current().info();
        Duration cpu = self.totalCpuDuration().orElse(Duration.ZERO);
        figures.add(Metric.counter(
                "process_cpu_seconds_total", "User and system time of perf-agent.", Map.of(), cpu.toNanos() / NANOS));
        double start = self.startInstant().orElse(Instant.EPOCH).toEpochMilli() / 1e3;
        figures.add(gauge("process_start_time_seconds", "When perf-agent was started.", start));
        Runtime heap = Runtime.getRuntime();
        figures.add(
                gauge("perf_agent_heap_used_bytes", "Of the heap.", (double) (heap.totalMemory() - heap.freeMemory())));
        figures.add(gauge("perf_agent_heap_max_bytes", "What the heap may grow to.", (double) heap.maxMemory()));
        try {
            ProcStatus status = ProcStatus.readSelf();
            figures.add(gauge("process_resident_memory_bytes", "Memory of perf-agent.", bytes(status, "VmRSS")));
            figures.add(gauge("perf_agent_peak_resident_bytes", "The most of it so far.", bytes(status, "VmHWM")));
            figures.add(gauge("process_threads", "Its threads.", (double)
                    status.numbers("Threads").getFirst()));
            figures.add(gauge("process_open_fds", "Its open file descriptors.", (double) descriptors()));
        } catch (IOException _) {
            // without /proc they are not known
        }
        return figures;
    }

    /** {@code 123 kB}. */
    private static double bytes(ProcStatus status, String field) {
        return (double) Long.parseLong(status.field(field).replaceAll("\\D", "")) * KIB;
    }

    private static long descriptors() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path _ : all) {
                count++;
            }
        }
        return count - 1; // the directory itself
    }

    private static Metric gauge(String name, String help, double value) {
        return Metric.gauge(name, help, Map.of(), value);
    }
}
