package io.perfagent.python.life;

import io.perfagent.process.FamilyTree;
import io.perfagent.process.LiveProcess;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The processes whose trampoline is on because of this run: those that it switched, and the copies that those have forked since,
 * which inherit it. Safe for use by several threads.
 */
final class SwitchedOn {
    private final Map<Integer, LiveProcess> switched = new ConcurrentHashMap<>();
    /** Those that were off before; remembered when they have gone. */
    private final Set<Integer> ours = ConcurrentHashMap.newKeySet();

    private final Set<Integer> copies = ConcurrentHashMap.newKeySet();
    private final Set<Integer> left = ConcurrentHashMap.newKeySet();

    /** To be said before it is switched: what it forks from now on may be a copy. */
    void begin(LiveProcess process) {
        ours.remove(process.pid());
        switched.put(process.pid(), process);
    }

    /** It is on, and was off before. */
    void switched(int pid) {
        ours.add(pid);
    }

    boolean isOurs(int pid) {
        return ours.contains(pid);
    }

    /** It was not switched after all. */
    void cancel(int pid) {
        switched.remove(pid);
        left.remove(pid);
    }

    boolean holds(int pid) {
        return switched.containsKey(pid);
    }

    boolean isCopy(int pid) {
        return copies.contains(pid);
    }

    /** Of those that have been switched, and of copies. */
    Set<Integer> pids() {
        Set<Integer> pids = new HashSet<>(switched.keySet());
        pids.addAll(copies);
        return pids;
    }

    /** It is off before the end; what it has forked may still be on. */
    void switchedOff(int pid) {
        if (switched.remove(pid) != null) {
            copies.add(pid);
        }
    }

    /** Notes the child if it is a copy of one that is on, or of a copy; returns whether it is. */
    boolean forked(int parent, int child) {
        boolean copy = switched.containsKey(parent) || copies.contains(parent);
        if (copy) {
            copies.add(child);
        }
        return copy;
    }

    /** It has ended or runs another program: there is nothing left to switch off. */
    void gone(int pid) {
        copies.remove(pid);
        if (switched.remove(pid) != null) {
            left.add(pid);
        }
    }

    /** One that was taken to be switched off had gone by then. */
    void goneSince(int pid) {
        copies.remove(pid);
        left.add(pid);
    }

    /** Takes those that have been switched and still run; the rest counts as gone. */
    List<LiveProcess> takeSwitched() {
        List<LiveProcess> all = List.copyOf(switched.values());
        for (LiveProcess each : all) {
            int pid = each.pid();
            if (!each.alive()) {
                gone(pid);
            }
        }
        List<LiveProcess> live = List.copyOf(switched.values());
        live.forEach(each -> copies.add(each.pid())); // what they have forked is looked for below them
        switched.clear();
        return live;
    }

    /** Takes the PIDs of those that were switched and have gone. */
    Set<Integer> takeGone() {
        Set<Integer> taken = Set.copyOf(left);
        left.removeAll(taken);
        return taken;
    }

    /** Whether there is any copy, or could be. */
    boolean mayHaveCopies() {
        return !copies.isEmpty();
    }

    void forgetCopies() {
        copies.clear();
    }

    /** Those that descend from one that is or was on, whether their fork was seen or not; some may run other programs. */
    Set<Integer> descendants() {
        Set<Integer> found = new HashSet<>(copies);
        try {
            found.addAll(FamilyTree.now().descendants(copies));
        } catch (IOException _) {
            // Without /proc there are those whose fork was seen.
        }
        return found;
    }
}
