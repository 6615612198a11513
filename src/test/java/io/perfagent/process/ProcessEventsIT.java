package io.perfagent.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessEvent;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we read, compared with what perf(1) reads of the same processes at the same time. */
class ProcessEventsIT {
    /** Some hundred processes, one after the other and beside each other; more than the rings hold at once. */
    private static final String PROGRAM =
            "for i in $(seq 1500); do /bin/true; done; (ls / | sort | tail -1) >/dev/null;"
                    + " python3 -c 'import json, ssl, os; os.fork(); import sqlite3' & wait";

    private static final Pattern LINE = Pattern.compile("PERF_RECORD_(FORK|EXIT|MMAP2)[ (]*(\\d+)[:/](\\d+)(.*)");
    private static final Pattern EXEC = Pattern.compile("PERF_RECORD_COMM exec: (.*):(\\d+)/\\d+");
    private static final Pattern PARENT = Pattern.compile("\\):\\((\\d+):(\\d+)\\)");
    private static final Pattern MAPPED =
            Pattern.compile(".*\\[0x(\\w+)\\(0x(\\w+)\\) @ (0x)?(\\w+) (\\w+):(\\w+) (\\d+) \\d+\\]: (....) (.*)");

    @TempDir
    private Path directory;

    @Test
    void sameAsPerf() throws Exception {
        Map<Integer, List<String>> ours = new TreeMap<>();
        List<Long> times = new ArrayList<>();
        String data = directory.resolve("perf.data").toString();
        try (ProcessEvents events = new ProcessEvents()) {
            Process perf = new ProcessBuilder(
                            "perf", "record", "-q", "-m", "4096", "-e", "dummy", "-o", data, "--", "sh", "-c", PROGRAM)
                    .inheritIO()
                    .start();
            while (perf.isAlive()) {
                events.await(10);
                events.read(event -> note(event, ours, times));
            }
            Thread.sleep(10);
            events.read(event -> note(event, ours, times));
            assertThat(events.lost()).isZero();
            assertThat(perf.waitFor()).isZero();
        }
        Map<Integer, List<String>> perfs = new TreeMap<>();
        String script = Tool.output("perf", "script", "-i", data, "--show-task-events", "--show-mmap-events");
        script.lines().forEach(line -> note(line, perfs));
        int sum = perfs.values().stream().mapToInt(List::size).sum();
        System.out.println(sum + " events of " + perfs.size() + " processes are those of perf");
        assertThat(perfs).hasSizeGreaterThan(1500);
        assertThat(times).isSorted();
        perfs.forEach((pid, lines) -> assertThat(ours.get(pid)).as("PID " + pid).containsAll(lines));
        assertThat(ours.entrySet().stream()
                        .filter(entry -> perfs.containsKey(entry.getKey()))
                        .mapToInt(entry -> entry.getValue().size())
                        .sum())
                .as("events of these processes, but for perf's own before the program")
                .isBetween(sum, sum + 5);
    }

    @Test
    void whatIsNotReadInTimeIsCounted() throws Exception {
        try (ProcessEvents events = new ProcessEvents()) {
            Tool.output("sh", "-c", "for i in $(seq 3000); do /bin/true; done");
            List<ProcessEvent> kept = new ArrayList<>();
            Thread.sleep(10);
            events.read(kept::add);
            Tool.output("sh", "-c", "for i in $(seq 10); do /bin/true; done");
            Thread.sleep(10);
            events.read(kept::add);
            assertThat(kept).hasSizeGreaterThan(1000);
            assertThat(events.lost()).isGreaterThan(1000);
            assertThat(kept.stream().filter(event -> event instanceof ProcessEvent.Executed))
                    .hasSizeGreaterThan(100);
        }
    }

    private static void note(ProcessEvent event, Map<Integer, List<String>> into, List<Long> times) {
        String line = switch (event) {
            case ProcessEvent.Forked forked -> "fork by " + forked.parent();
            case ProcessEvent.Executed executed -> "exec " + executed.comm();
            case ProcessEvent.Exited exited -> "exit " + exited.tid();
            case ProcessEvent.Mapped mapped -> line(mapped.mapping());
        };
        into.computeIfAbsent(event.pid(), _ -> new ArrayList<>()).add(line);
        times.add(event.timeNanos());
    }

    private static String line(Mapping mapping) {
        return "map %x+%x @%x %d:%d %d %s%sx %s%s"
                .formatted(
                        mapping.start(),
                        mapping.end() - mapping.start(),
                        mapping.fileOffset(),
                        mapping.deviceMajor(),
                        mapping.deviceMinor(),
                        mapping.inode(),
                        mapping.readable() ? "r" : "-",
                        mapping.writable() ? "w" : "-",
                        mapping.path(),
                        mapping.deleted() ? " (deleted)" : "");
    }

    private static void note(String line, Map<Integer, List<String>> into) {
        Matcher exec = EXEC.matcher(line);
        if (exec.find()) {
            add(into, Integer.parseInt(exec.group(2)), "exec " + exec.group(1));
        }
        Matcher matcher = LINE.matcher(line);
        if (!matcher.find()) {
            return;
        }
        int pid = Integer.parseInt(matcher.group(2));
        int tid = Integer.parseInt(matcher.group(3));
        String rest = matcher.group(4);
        switch (matcher.group(1)) {
            case "FORK" -> {
                Matcher parent = PARENT.matcher(rest);
                if (pid == tid && parent.find()) {
                    add(into, pid, "fork by " + parent.group(1));
                }
            }
            case "EXIT" -> add(into, pid, "exit " + tid);
            case "MMAP2" -> {
                Matcher mapped = MAPPED.matcher(rest);
                if (mapped.matches() && mapped.group(8).charAt(2) == 'x') {
                    add(into, pid, line(mapped));
                }
            }
            default -> throw new AssertionError(line);
        }
    }

    private static String line(Matcher mapped) {
        String path = mapped.group(9).strip();
        return "map %s+%s @%x %d:%d %s %sx %s"
                .formatted(
                        mapped.group(1),
                        mapped.group(2),
                        mapped.group(3) == null && mapped.group(4).equals("0")
                                ? 0
                                : Long.parseLong(mapped.group(4), 16),
                        Integer.parseInt(mapped.group(5), 16),
                        Integer.parseInt(mapped.group(6), 16),
                        mapped.group(7),
                        mapped.group(8).substring(0, 2),
                        path.equals("//anon") ? "" : path);
    }

    private static void add(Map<Integer, List<String>> into, int pid, String line) {
        into.computeIfAbsent(pid, _ -> new ArrayList<>()).add(line);
    }
}
