package io.perfagent.python;

import io.perfagent.procfs.ProcLimits;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a process may map more memory. CPython takes an arena of 64 KiB for 2000 trampolines or so, when a function is called first.
 * Where the kernel refuses it (RLIMIT_AS, RLIMIT_DATA; getrlimit(2)) 3.12.1 and 3.13.0 were seen to end: mmap(2) says MAP_FAILED, and
 * they ask for NULL.
 */
final class MemoryLimit {
    /** A thousand arenas: the program itself goes on taking memory during a run. */
    private static final long NEEDED_KIBIBYTES = 64 << 10;

    private MemoryLimit() {}

    /** What speaks against switching on, in one line; null where nothing does. */
    static @Nullable String obstacle(int pid) throws IOException {
        ProcLimits limits = ProcLimits.read(pid);
        ProcStatus status = ProcStatus.read(pid);
        String ofAll = obstacle("RLIMIT_AS", limits.soft(ProcLimits.ADDRESS_SPACE), status.field("VmSize"));
        return ofAll != null ? ofAll : obstacle("RLIMIT_DATA", limits.soft(ProcLimits.DATA), status.field("VmData"));
    }

    /** @param used as in /proc/PID/status, such as {@code 12345 kB}; empty for a process that has just ended, which has no memory */
    static @Nullable String obstacle(String name, long limitBytes, String used) {
        String kibibytes = used.replace(" kB", "").strip();
        long left = (limitBytes >> 10) - (kibibytes.isEmpty() ? 0 : Long.parseLong(kibibytes));
        return left >= NEEDED_KIBIBYTES
                ? null
                : "its memory limit (" + name + ") leaves " + Math.max(0, left) + " KiB, and CPython may need "
                        + NEEDED_KIBIBYTES + " for its trampolines";
    }
}
