package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A program at wake-ups costs each of the machine's, so there is one only where somebody wants to know who ended waits. */
class WatchedWakeUpsIT {
    private static final String NAME = "tp_name:\t";
    private static final Duration THRESHOLD = Duration.ofMillis(1);
    private static final List<String> WAITS =
            List.of(Path.of("target", "workloads", "pingpong").toAbsolutePath().toString());

    @Test
    void onlyWhereSomebodyAsks() throws Exception {
        Set<String> plain = tracepoints(WAITS, false);
        assertThat(plain).contains("sched_switch").doesNotContain("sched_waking");
        assertThat(plain.contains("sched_exit_tp")).isEqualTo(kernelHas("sched_exit_tp"));
        assertThat(tracepoints(WAITS, true)).as("--wakers").contains("sched_switch", "sched_waking");
        List<String> python = List.of(
                Interpreter.oneOfEachMinor().getLast().command().toString(),
                Path.of("src/test/workloads/gil_waits.py").toAbsolutePath().toString());
        assertThat(tracepoints(python, false))
                .as("CPython, of whose lock is told")
                .contains("sched_waking");
    }

    private static boolean kernelHas(String tracepoint) throws IOException {
        try (Stream<String> symbols = Files.lines(Path.of("/proc/kallsyms"))) {
            return symbols.anyMatch(symbol -> symbol.endsWith(" __traceiter_" + tracepoint));
        }
    }

    /** Of this process's programs, while a run takes samples, as the kernel says it of their descriptors. */
    private static Set<String> tracepoints(List<String> command, boolean wakers) throws Exception {
        Set<String> names = new HashSet<>();
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun.Meanwhile look = samples -> {
                ProfiledRun.await(samples, 1);
                addTracepoints(names);
            };
            var _ = wakers
                    ? ProfiledRun.woken(target.pid(), THRESHOLD, look)
                    : ProfiledRun.waiting(target.pid(), THRESHOLD, look);
        }
        return names;
    }

    private static void addTracepoints(Set<String> names) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path descriptor : descriptors) {
                text(descriptor)
                        .lines()
                        .filter(line -> line.startsWith(NAME))
                        .forEach(line -> names.add(line.substring(NAME.length())));
            }
        }
    }

    private static String text(Path descriptor) throws IOException {
        try {
            return Files.readString(descriptor);
        } catch (NoSuchFileException _) {
            return "";
        }
    }
}
