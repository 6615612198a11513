package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.Processes;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.python.Inspection;
import io.perfagent.python.PythonInspector;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.report.Json;
import io.perfagent.report.Log;
import io.perfagent.runtime.cpython.FrameProspects;
import io.perfagent.walker.TargetBinaries;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code perf-agent check}: whose Python functions a run would name by reading the interpreter's frames, and what one with {@code
 * --inject-python} would do to each process, found without touching any. Works with whatever rights there are, and says which ones a run
 * would need.
 */
public final class PythonCheck {
    private final PrintStream out;
    private final Log log;
    private final PythonInspector inspector = new PythonInspector();
    private final FrameProspects frames = new FrameProspects(new TargetBinaries());
    private final Map<String, Integer> reasons = new TreeMap<>();

    private int readable;
    private int ready;
    private boolean missing;

    /**
     * A check that has not begun.
     *
     * @param out takes the verdicts
     * @param log takes what is said about the check itself
     */
    public PythonCheck(PrintStream out, Log log) {
        this.out = out;
        this.log = log;
    }

    /**
     * One line per process.
     *
     * @param pids host PIDs; empty for every process
     * @param others whether those have a line that are no Python
     * @return whether all of them exist
     */
    public boolean text(List<Integer> pids, boolean others) throws CannotStartException {
        for (int pid : targets(pids)) {
            CheckedProcess process = check(pid, !pids.isEmpty());
            if (process != null && (others || process.runsPython())) {
                out.println(line(process.fields()));
            }
        }
        summary();
        return !missing;
    }

    /** The same as one JSON array of objects. */
    public boolean json(List<Integer> pids) throws CannotStartException {
        String before = "[\n  ";
        for (int pid : targets(pids)) {
            CheckedProcess process = check(pid, !pids.isEmpty());
            if (process != null) {
                out.print(before + Json.object(process.fields()));
                before = ",\n  ";
            }
        }
        out.println(before.startsWith("[") ? "[]" : "\n]");
        summary();
        return !missing;
    }

    private static List<Integer> targets(List<Integer> pids) throws CannotStartException {
        Preconditions.requireOwnProc();
        try {
            return pids.isEmpty()
                    ? Processes.all().stream().map(LiveProcess::pid).toList()
                    : pids;
        } catch (IOException e) {
            throw new CannotStartException("cannot list /proc: mount it", e);
        }
    }

    /** Null for a process that was only met in passing and has ended since. */
    private @Nullable CheckedProcess check(int pid, boolean named) throws CannotStartException {
        try {
            requireProcess(pid);
            String comm = LiveProcess.of(pid).comm();
            return counted(new CheckedProcess(pid, comm, inspector.inspect(pid), frames.of(pid)));
        } catch (IOException _) {
            missing |= named;
            return named ? counted(new CheckedProcess(pid, "", gone(), null)) : null;
        }
    }

    private static void requireProcess(int pid) throws IOException, CannotStartException {
        String process = ProcStatus.read(pid).field("Tgid");
        if (!process.equals(Integer.toString(pid))) {
            throw new CannotStartException(pid + " is a thread: give its process, --pid " + process);
        }
    }

    private static Inspection gone() {
        return new Inspection(new Verdict.Refused(InjectRefusal.PROCESS_GONE, "no such process"), null);
    }

    private CheckedProcess counted(CheckedProcess process) {
        readable += process.readable() ? 1 : 0;
        if (process.ready()) {
            ready++;
        } else {
            reasons.merge(process.reason(), 1, Integer::sum);
        }
        return process;
    }

    /** What does not apply is left out. */
    private static String line(Map<String, @Nullable Object> fields) {
        List<Object> pairs = new ArrayList<>();
        fields.forEach((name, value) -> {
            if (value != null) {
                pairs.add(name);
                pairs.add(value);
            }
        });
        return Log.format("", pairs.toArray());
    }

    private void summary() throws CannotStartException {
        List<Object> pairs = new ArrayList<>(List.of("by_reading", readable, "ready", ready));
        reasons.forEach((reason, count) -> {
            pairs.add(reason);
            pairs.add(count);
        });
        log.line("python check", pairs.toArray());
        Set<Capability> lacking = lacking();
        if (!lacking.isEmpty()) {
            log.line(
                    "python check: a run needs more rights, and without CAP_SYS_PTRACE only own processes can be looked into",
                    "missing",
                    String.join(",", lacking.stream().map(Capability::name).toList()));
        }
    }

    private static Set<Capability> lacking() throws CannotStartException {
        Set<Capability> wanted = EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON, Capability.CAP_SYS_PTRACE);
        return Capability.missing(wanted, Rights.self().effectiveCapabilities());
    }
}
