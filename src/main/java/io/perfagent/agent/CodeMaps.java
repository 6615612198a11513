package io.perfagent.agent;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcCgroup;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.symbolize.Symbolizer;
import io.perfagent.unwind.UnwindTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the walker and the symbolizer told of what code each process has mapped. One thread. */
final class CodeMaps {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;

    private final UnwindTables tables;
    private final Map<Integer, Known> known = new HashMap<>();
    /** Kept when the process ends. */
    private final Map<Integer, Cgroup> cgroups = new HashMap<>();

    private @Nullable Symbolizer symbolizer;

    CodeMaps(UnwindTables tables) {
        this.tables = tables;
    }

    /** Reads a process's mappings and tells the walker. */
    void load(int pid) throws IOException {
        update(pid, System.nanoTime());
    }

    /** Tells a symbolizer of all that is known, and from now on of what is new; not needed before sampling has begun. */
    void tell(Symbolizer names) {
        symbolizer = names;
        known.forEach((pid, state) -> names.addProcess(pid, state.mappings));
    }

    /**
     * Looks again at processes that ran code which the walker does not know. Code that stays unknown, a JIT's, is not worth a
     * look ten times a second: the pause doubles while nothing changes.
     */
    void refresh(Iterable<Integer> pids) throws LinuxException {
        long now = System.nanoTime();
        for (int pid : pids) {
            Known state = known.get(pid);
            if (state != null && now - state.readAt < state.pause) {
                continue;
            }
            try {
                update(pid, now);
            } catch (LinuxException e) {
                throw e;
            } catch (IOException _) {
                known.remove(pid); // it has ended
            }
        }
    }

    /** Where a process runs, or ran. */
    Cgroup cgroup(int pid) {
        return cgroups.getOrDefault(pid, Cgroup.UNKNOWN);
    }

    private void update(int pid, long now) throws IOException {
        cgroups.computeIfAbsent(pid, ProcCgroup::read);
        List<Mapping> mappings = ProcMaps.read(pid);
        Known before = known.get(pid);
        if (before != null && before.mappings.equals(mappings)) {
            known.put(pid, new Known(mappings, now, Math.min(before.pause * 2, LONGEST_PAUSE_NANOS)));
            return;
        }
        tables.update(pid, mappings);
        known.put(pid, new Known(mappings, now, FIRST_PAUSE_NANOS));
        if (symbolizer != null) {
            symbolizer.addProcess(pid, mappings);
        }
    }

    private record Known(List<Mapping> mappings, long readAt, long pause) {}
}
