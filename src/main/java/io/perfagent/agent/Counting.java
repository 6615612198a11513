package io.perfagent.agent;

import io.perfagent.bpf.LibbpfMissingException;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.CountRequest;
import io.perfagent.model.ProfileRequest;
import io.perfagent.output.Destination;
import io.perfagent.output.ProfileFile;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.Started;
import io.perfagent.procfs.PidNamespace;
import io.perfagent.report.Log;
import io.perfagent.report.SchedulerTable;
import io.perfagent.scheduler.SchedulerWatch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the scheduler does with the targets of a run, counted while it lasts and written as a table at its end. For one thread. */
final class Counting implements AutoCloseable {
    private final ProfileRequest request;
    private final CountRequest wanted;
    private final Targets targets;
    private final boolean profiles;
    private final @Nullable Destination file;
    private final PrintStream out;
    private final Log log;
    private @Nullable SchedulerWatch watch;
    private @Nullable List<String> table;

    /**
     * Nothing is counted yet.
     *
     * @param profiles whether the run writes a profile as well
     * @param out standard output
     */
    Counting(ProfileRequest request, CountRequest wanted, boolean profiles, Targets targets, PrintStream out, Log log) {
        this.request = request;
        this.wanted = wanted;
        this.profiles = profiles;
        this.targets = targets;
        this.out = out;
        this.log = log;
        this.file = destination();
    }

    /** Finds out whether the table could be written, and has the kernel ready to count. */
    void prepare() throws CannotStartException {
        checkOutput();
        try {
            SchedulerWatch loaded = SchedulerWatch.load(
                    request.allProcesses(), request.children(), wanted.perProcess(), PidNamespace.own());
            watch = loaded;
            loaded.add(targets.given().stream().map(LiveProcess::pid).toList());
            if (request.children()) {
                loaded.add(Started.by(targets.given()));
            }
        } catch (LibbpfMissingException e) {
            throw new CannotStartException(String.valueOf(e.getMessage()), e);
        } catch (LinuxException e) {
            throw new CannotStartException(
                    "the kernel refused the program that counts (" + e.getMessage()
                            + "): it needs Linux 5.17 or later, CAP_BPF and CAP_PERFMON, and no lockdown",
                    e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void checkOutput() throws CannotStartException {
        if (file == null && profiles && new OutputNames(request, targets.given()).takeStandardOutput()) {
            throw new CannotStartException(
                    "standard output takes the profile or the table of --pmu: send one of them to a file,"
                            + " with -o or --pmu-output");
        }
        try {
            if (file != null) {
                file.check();
            }
        } catch (CannotStartException e) {
            throw ofTable(e);
        }
    }

    /** Files are written, and refused, as those of profiles are. */
    private static CannotStartException ofTable(CannotStartException e) {
        String message = String.valueOf(e.getMessage())
                .replace("the profile", "the table")
                .replace("--profile-output", "--pmu-output");
        return new CannotStartException(message, e);
    }

    void begin() throws CannotStartException {
        try {
            loaded().begin();
        } catch (IOException e) {
            throw new CannotStartException(
                    "the kernel does not let --pmu see its scheduler (" + e.getMessage()
                            + "): it needs CAP_BPF and CAP_PERFMON, and tracepoints (CONFIG_TRACEPOINTS)",
                    e);
        }
    }

    /** Whether there is still something to count. */
    boolean anyRunning() throws CannotStartException {
        try {
            return loaded().anyRunning();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static CannotStartException failed(IOException e) {
        return new CannotStartException("counting failed: " + e.getMessage(), e);
    }

    /** What happens from now on is no part of it. */
    void end() throws CannotStartException {
        try {
            table = SchedulerTable.of(targets.described(request), loaded().end());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    void write() throws CannotStartException {
        List<String> lines = table;
        if (lines == null) {
            throw new IllegalStateException("not ended");
        }
        String text = String.join("\n", lines) + "\n";
        if (file == null) {
            out.print(text);
            out.flush();
            return;
        }
        try {
            Path written = file.write(stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
            log.line("counts written", "file", written);
        } catch (CannotStartException e) {
            throw ofTable(e);
        }
    }

    private SchedulerWatch loaded() {
        SchedulerWatch loaded = watch;
        if (loaded == null) {
            throw new IllegalStateException("not prepared");
        }
        return loaded;
    }

    private @Nullable Destination destination() {
        Path path = wanted.output();
        if (path == null) {
            return null;
        }
        if (path.equals(CountRequest.AUTOMATIC)) {
            return new OutputNames(request, targets.given()).made("-pmu", ".txt");
        }
        return ProfileFile.at(path);
    }

    @Override
    public void close() {
        SchedulerWatch loaded = watch;
        if (loaded != null) {
            loaded.close();
        }
    }
}
