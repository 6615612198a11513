package io.perfagent.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What /proc says of a process while it runs; 0 once it has ended. */
final class ProcessFiles {
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
    private static final Pattern RUNS = Pattern.compile("run_time_ns:\\s+(\\d+)\\s+run_cnt:\\s+(\\d+)");
    private static final double TICKS_PER_SECOND = 100; // USER_HZ

    private ProcessFiles() {}

    /** Largest resident set, kB. */
    static long peakResident(long pid) {
        try {
            Matcher peak = PEAK.matcher(Files.readString(path(pid, "status")));
            return peak.find() ? Long.parseLong(peak.group(1)) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    /** CPU time of the threads that run now, nanoseconds: finer than the hundredths of {@code stat}. */
    static long threadNanos(long pid) {
        long sum = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(path(pid, "task"))) {
            for (Path thread : threads) {
                String times = Files.readString(thread.resolve("schedstat"));
                sum += Long.parseLong(times.substring(0, times.indexOf(' ')));
            }
        } catch (IOException _) {
            return sum; // a thread or the process has ended
        }
        return sum;
    }

    /** User and system time of the children that this process has waited for, and of theirs; seconds. */
    static double childSeconds() throws IOException {
        String stat = Files.readString(path(ProcessHandle.current().pid(), "stat"));
        String[] fields =
                stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1); // from field 3 of proc_pid_stat(5)
        return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / TICKS_PER_SECOND;
    }

    /** What the kernel counted for the BPF program that the process holds, or null while it holds none. */
    static ProgramRuns programRuns(long pid) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path(pid, "fdinfo"))) {
            for (Path file : files) {
                Matcher runs = RUNS.matcher(Files.readString(file));
                if (runs.find() && !runs.group(2).equals("0")) {
                    return new ProgramRuns(Long.parseLong(runs.group(1)), Long.parseLong(runs.group(2)));
                }
            }
        } catch (IOException _) {
            return null;
        }
        return null;
    }

    /** Time and number of a program's runs, for whatever process the sample hit. */
    record ProgramRuns(long nanos, long runs) {}

    private static Path path(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
