package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.NamedProcesses;
import io.perfagent.report.Quoted;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Targets that the user names instead of numbering them. */
public final class TargetsByName {
    private TargetsByName() {}

    /** The PIDs of all that have one of the names. A name that nobody has is a mistake to be told. */
    public static List<Integer> pids(List<String> names) throws CannotStartException {
        Preconditions.requireOwnProc();
        Set<Integer> pids = new LinkedHashSet<>();
        for (String name : names) {
            List<LiveProcess> found = find(name);
            if (found.isEmpty()) {
                throw new CannotStartException("no process is called " + Quoted.of(name)
                        + ": names are those of programs, scripts and modules, see ps -e; or give --pid N");
            }
            found.forEach(process -> pids.add(process.pid()));
        }
        return List.copyOf(pids);
    }

    /** Those that there are of them now, which may be none. */
    static List<Integer> present(List<String> names) throws CannotStartException {
        Preconditions.requireOwnProc();
        Set<Integer> pids = new LinkedHashSet<>();
        for (String name : names) {
            find(name).forEach(process -> pids.add(process.pid()));
        }
        return List.copyOf(pids);
    }

    private static List<LiveProcess> find(String name) throws CannotStartException {
        try {
            return NamedProcesses.find(name);
        } catch (IOException e) {
            throw new CannotStartException("cannot list /proc: mount it", e);
        }
    }
}
