package io.perfagent.linux;

import java.lang.foreign.Arena;

/**
 * At most one holder per target process on a machine, of each of two locks: flock(2) on the target's {@code /proc/<pid>/stat} while it is
 * being switched, and on its {@code /proc/<pid>/status} while a run has it on. Nothing is left behind by a holder that is killed, and the
 * target does not notice.
 */
public final class ProcessLock implements AutoCloseable {
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int LOCK_EX_NB = 2 | 4;
    private static final CFunction OPEN = CFunction.of("open");
    private static final CFunction FLOCK = CFunction.of("flock");

    private final Fd fd;

    private ProcessLock(Fd fd) {
        this.fd = fd;
    }

    /** While it is being switched. EAGAIN: someone else has it; ENOENT or ESRCH: the process is gone. */
    public static ProcessLock take(int pid) throws LinuxException {
        return take("/proc/" + pid + "/stat");
    }

    /** For as long as a run has it on; the same errors. */
    public static ProcessLock takeForRun(int pid) throws LinuxException {
        return take("/proc/" + pid + "/status");
    }

    private static ProcessLock take(String path) throws LinuxException {
        ProcessLock lock = new ProcessLock(open(path));
        try {
            lock.flock();
            return lock;
        } catch (LinuxException e) {
            lock.close();
            throw e;
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    private static Fd open(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long name = CFunction.address(arena.allocateFrom(path));
            return new Fd(OPEN.check("open(" + path + ")", CFunction.errnoIn(arena), name, O_RDONLY_CLOEXEC));
        }
    }

    private void flock() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int _ = FLOCK.check("flock", CFunction.errnoIn(arena), fd.number(), LOCK_EX_NB);
        }
    }
}
