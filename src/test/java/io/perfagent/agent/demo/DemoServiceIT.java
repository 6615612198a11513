package io.perfagent.agent.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoServiceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void servesUnderLoadAndLeavesNothingBehind() throws Exception {
        List<ProcessHandle> started;
        Path program;
        try (DemoService service = DemoService.start(DemoPython.find().command())) {
            started = ProcessHandle.current()
                    .descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("perf-agent-demo-"))
                    .toList();
            assertThat(started).hasSizeBetween(3, 4).anyMatch(process -> process.pid() == service.pid());
            program = programOf(service.pid());
            assertThat(program).exists();
            awaitWork(service.pid());
        }
        assertThat(started).noneMatch(ProcessHandle::isAlive);
        assertThat(program).doesNotExist();
    }

    private static Path programOf(int pid) throws Exception {
        return Path.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0", -1)[1]);
    }

    private static void awaitWork(int pid) throws Exception {
        long before = cpuTicks(pid);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (cpuTicks(pid) == before) {
            assertThat(System.nanoTime()).as("it has nothing to do").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** utime of proc_pid_stat(5). */
    private static long cpuTicks(int pid) throws Exception {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[11]);
    }
}
