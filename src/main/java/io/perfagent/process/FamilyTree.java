package io.perfagent.process;

import io.perfagent.procfs.ProcStat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is whose child, as it was at one moment: processes come and go while {@code /proc} is read. */
public final class FamilyTree {
    private static final int MOST_GENERATIONS = 10_000; // PIDs that are used again may close a circle

    private final Map<Integer, Integer> parents = new HashMap<>();

    private FamilyTree() {}

    /** All that there are now, but for kernel threads; also those that have ended and are yet to be collected, or whose first thread has. */
    public static FamilyTree now() throws IOException {
        FamilyTree tree = new FamilyTree();
        for (int pid : Processes.pids()) {
            try {
                ProcStat stat = ProcStat.read(pid);
                if (!stat.kernelThread()) {
                    tree.parents.put(pid, stat.ppid());
                }
            } catch (IOException _) {
                // has ended since
            }
        }
        return tree;
    }

    /** What descends from some processes, without these; those whose parent has ended are nobody's any more. */
    public Set<Integer> descendants(Iterable<Integer> pids) {
        Map<Integer, List<Integer>> children = new HashMap<>();
        parents.forEach((child, parent) ->
                children.computeIfAbsent(parent, _ -> new ArrayList<>()).add(child));
        Set<Integer> family = new LinkedHashSet<>();
        pids.forEach(family::add);
        List<Integer> open = new ArrayList<>(family);
        Set<Integer> found = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            for (int child : children.getOrDefault(open.removeLast(), List.of())) {
                if (family.add(child)) {
                    found.add(child);
                    open.add(child);
                }
            }
        }
        return found;
    }

    /** A process, its parent, and so on. */
    public Set<Integer> withAncestors(int pid) {
        Set<Integer> line = new LinkedHashSet<>();
        for (int at = pid; at > 0 && line.size() < MOST_GENERATIONS && line.add(at); ) {
            at = parents.getOrDefault(at, 0);
        }
        return line;
    }
}
