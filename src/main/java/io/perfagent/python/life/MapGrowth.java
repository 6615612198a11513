package io.perfagent.python.life;

import io.perfagent.python.PerfMapFile;
import io.perfagent.report.Log;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A bound for programs that compile code all the time, as rule engines and templates do: each function that they make gets a trampoline,
 * which the interpreter never gives back, and a line in the map. For use from one thread.
 */
final class MapGrowth {
    /** Some 150,000 functions: the largest programs have fewer, and one that makes as many will make more. */
    static final long MOST_BYTES = 16L << 20;

    private static final long PAUSE_NANOS = 1_000_000_000;

    private final SwitchedOn on;
    private final Log log;
    /** The size of each map when it was looked at first; by PID. */
    private final Map<Integer, Long> before = new HashMap<>();

    private final Set<Integer> stopped = new HashSet<>();
    private long lookedNanos;

    MapGrowth(SwitchedOn on, Log log) {
        this.on = on;
        this.log = log;
    }

    /** Switches off, at most once a second, what has grown beyond the bound; false says that it is still on, for the next look. */
    void look(IntPredicate switchOff) {
        long now = System.nanoTime();
        if (now - lookedNanos < PAUSE_NANOS) {
            return;
        }
        lookedNanos = now;
        Set<Integer> pids = on.pids();
        before.keySet().retainAll(pids);
        for (int pid : pids) {
            long bytes = bytes(pid);
            if (bytes - before.computeIfAbsent(pid, _ -> bytes) > MOST_BYTES
                    && !stopped.contains(pid)
                    && switchOff.test(pid)) {
                stopped.add(pid);
                log.line(
                        "python trampoline switched off before the end: the program makes new functions all the time",
                        "pid",
                        pid,
                        "map_grown_by_more_than_mib",
                        MOST_BYTES >> 20);
            }
        }
    }

    /** The process may be gone, or its /tmp out of reach: then nothing grows that could be seen. */
    private static long bytes(int pid) {
        try {
            return PerfMapFile.bytes(pid);
        } catch (IOException _) {
            return 0;
        }
    }
}
