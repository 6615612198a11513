package io.perfagent.process;

import io.perfagent.model.CannotStartException;
import io.perfagent.procfs.ProcExe;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Who has started whom: what profiled processes have, and what has started perf-agent, which is no target. */
public final class Started {
    private Started() {}

    /** What processes have started, and these again, without perf-agent and what runs it: a shell may be one of the processes. */
    public static Set<Integer> by(List<LiveProcess> processes) throws CannotStartException {
        FamilyTree tree = tree();
        Set<Integer> started =
                tree.descendants(processes.stream().map(LiveProcess::pid).toList());
        started.removeAll(tree.withAncestors(self()));
        started.removeIf(pid -> !runsAProgram(pid));
        return started;
    }

    /** perf-agent, what runs it, and so on. */
    public static Set<Integer> ourselves() throws CannotStartException {
        return tree().withAncestors(self());
    }

    /** Not what has ended, nor what we may not look at. */
    private static boolean runsAProgram(int pid) {
        try {
            return !ProcExe.path(pid).isEmpty();
        } catch (IOException _) {
            return false;
        }
    }

    private static int self() {
        return (int) ProcessHandle.current().pid();
    }

    private static FamilyTree tree() throws CannotStartException {
        try {
            return FamilyTree.now();
        } catch (IOException e) {
            throw new CannotStartException("cannot list /proc: mount it", e);
        }
    }
}
