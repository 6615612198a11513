package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * At most one holder per target process on a machine, of each of two locks: flock(2) on the target's {@code /proc/<pid>/stat} while it is
 * being switched, and on its {@code /proc/<pid>/status} while a run has it on. Nothing is left behind by a holder that is killed, and the
 * target does not notice.
 */
public final class ProcessLock implements AutoCloseable {
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int LOCK_EX_NB = 2 | 4;
    private static final MethodHandle OPEN = Native.variadicErrnoCall("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle FLOCK = Native.errnoCall("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = Native.errnoCall("close", JAVA_INT, JAVA_INT);

    private int fd;

    private ProcessLock(int fd) {
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
        if (fd >= 0) {
            try (Arena arena = Arena.ofConfined()) {
                int _ = (int) CLOSE.invokeExact(arena.allocate(Native.CAPTURE), fd);
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            fd = -1;
        }
    }

    private static int open(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int fd = (int) OPEN.invokeExact(capture, arena.allocateFrom(path), O_RDONLY_CLOEXEC);
            return check(fd, "open(" + path + ")", capture);
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private void flock() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int _ = check((int) FLOCK.invokeExact(capture, fd, LOCK_EX_NB), "flock", capture);
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    private static int check(int result, String call, MemorySegment capture) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, Native.errno(capture));
        }
        return result;
    }
}
