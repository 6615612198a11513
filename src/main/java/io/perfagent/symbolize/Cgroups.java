package io.perfagent.symbolize;

import io.perfagent.model.Cgroup;
import io.perfagent.procfs.ProcCgroup;
import java.util.HashMap;
import java.util.Map;

/** Cgroups of processes, each of which is parsed and kept once: most processes of a machine share theirs with others. For one thread. */
final class Cgroups {
    private static final int MOST_KEPT = 4096;

    private final Map<String, Cgroup> parsed = new HashMap<>();

    /** Of a process, or what is known when it has ended: nothing. */
    Cgroup of(int pid) {
        String text = ProcCgroup.text(pid);
        if (parsed.size() >= MOST_KEPT) {
            parsed.clear();
        }
        return parsed.computeIfAbsent(text, ProcCgroup::parse);
    }
}
