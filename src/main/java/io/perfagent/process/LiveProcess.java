package io.perfagent.process;

import io.perfagent.procfs.ProcStat;
import java.io.IOException;

/**
 * A process, not a PID: the number may be another's later.
 *
 * @param pid in our PID namespace
 * @param startTime clock ticks after boot
 * @param comm its name when first seen
 */
public record LiveProcess(int pid, long startTime, String comm) {
    /** The process that has this PID now. */
    public static LiveProcess of(int pid) throws IOException {
        ProcStat stat = ProcStat.read(pid);
        return new LiveProcess(pid, stat.startTime(), stat.comm());
    }

    /** Whether it still runs: neither ended, nor a zombie, nor its number another's. */
    public boolean alive() {
        try {
            ProcStat stat = ProcStat.read(pid);
            return stat.startTime() == startTime && stat.state() != 'Z' && stat.state() != 'X';
        } catch (IOException _) {
            return false;
        }
    }
}
