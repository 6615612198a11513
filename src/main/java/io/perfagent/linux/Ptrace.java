package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * ptrace(2) requests and waits. The kernel ties a tracee to the OS thread that seized it, so an instance belongs to the
 * platform thread that made it, and any other thread that calls it gets a {@link WrongThreadException}.
 *
 * <pre>
 *   SEIZE ─→ INTERRUPT ─→ wait: stopped ─→ GETREGSET … SETREGSET ─→ DETACH
 *                              └ another signal's stop: CONT with that signal, wait again
 * </pre>
 */
public final class Ptrace implements AutoCloseable {
    /** Register set of the general registers (elf.h). */
    public static final int NT_PRSTATUS = 1;

    /**
     * A thread that does not exist, above the kernel's limit of PIDs. Requests for it are made and fail, and are taken for successes: with
     * it a virtual machine goes beforehand through what a stopped thread would wait for, and loads, links and compiles that.
     */
    public static final int NOBODY = Integer.MAX_VALUE;

    private static final WaitStatus RUNNING = new WaitStatus.Running();
    private static final int STOPPED_AS_ASKED = 0x80_057f;
    private static final int CONT = 7;
    private static final int DETACH = 17;
    private static final int GETREGSET = 0x4204;
    private static final int SETREGSET = 0x4205;
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int GETSIGMASK = 0x420a;
    private static final int SETSIGMASK = 0x420b;
    private static final int SECCOMP_GET_FILTER = 0x420c;
    private static final int GET_RSEQ_CONFIGURATION = 0x420f;
    private static final int WNOHANG = 1;
    private static final int STOPPED_OR_EXITED = 2 | 4;
    private static final int WNOWAIT = 0x01000000;
    private static final int WALL = 0x40000000;
    private static final int P_PID = 1;
    private static final int SIGINFO_BYTES = 128;
    /** Offsets in a siginfo_t of SIGCHLD. */
    private static final int SI_CODE = 8;

    private static final int SI_PID = 16;
    private static final int SI_STATUS = 24;
    private static final int CLD_TRAPPED = 4;
    private static final int CLD_STOPPED = 5;
    private static final int MASK_BYTES = 8;
    private static final int RSEQ_BYTES = 24;
    private static final int FILTER_INSTRUCTION_BYTES = 8;
    /** Holds a seccomp filter of the greatest length, 4096 instructions, as well. */
    private static final int MAX_REGSET_BYTES = 1 << 16;

    private static final CFunction PTRACE = CFunction.of("ptrace");
    private static final CFunction WAITID = CFunction.of("waitid");
    private static final CFunction WAITPID = CFunction.of("waitpid");

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment capture = CFunction.errnoIn(arena);
    private final MemorySegment status = arena.allocate(JAVA_INT);
    private final MemorySegment child = arena.allocate(SIGINFO_BYTES, 8);
    private final MemorySegment iovec = arena.allocate(16, 8);
    private final MemorySegment buffer = arena.allocate(MAX_REGSET_BYTES, 64);

    /** Attaches without stopping the thread. EPERM: not allowed, or traced already; ESRCH: gone. */
    public void seize(int tid) throws LinuxException {
        request(SEIZE, "SEIZE", tid, 0, 0);
    }

    /** Asks for a stop, which {@link #poll} then reports. */
    public void interrupt(int tid) throws LinuxException {
        request(INTERRUPT, "INTERRUPT", tid, 0, 0);
    }

    /** Lets a stopped thread go on, delivering {@code signal} unless 0. */
    public void resume(int tid, int signal) throws LinuxException {
        request(CONT, "CONT", tid, 0, signal);
    }

    /** Lets a stopped thread go for good, delivering {@code signal} unless 0. */
    public void detach(int tid, int signal) throws LinuxException {
        request(DETACH, "DETACH", tid, 0, signal);
    }

    /** Reads a register set of a stopped thread as the kernel lays it out; returns how many bytes there were. */
    public int registers(int tid, int set, byte[] into) throws LinuxException {
        describe(into.length);
        request(GETREGSET, "GETREGSET", tid, set, iovec.address());
        int length = (int) iovec.get(JAVA_LONG, 8);
        MemorySegment.copy(buffer, 0, MemorySegment.ofArray(into), 0, length);
        return length;
    }

    /** How many bytes a register set of a stopped thread has. */
    public int registerBytes(int tid, int set) throws LinuxException {
        describe(MAX_REGSET_BYTES);
        request(GETREGSET, "GETREGSET", tid, set, iovec.address());
        return (int) iovec.get(JAVA_LONG, 8);
    }

    /** Replaces a register set of a stopped thread, all of it at once. */
    public void setRegisters(int tid, int set, byte[] bytes) throws LinuxException {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, buffer, 0, bytes.length);
        describe(bytes.length);
        request(SETREGSET, "SETREGSET", tid, set, iovec.address());
    }

    /** The blocked signals of a stopped thread: bit n−1 is signal n. */
    public long signalMask(int tid) throws LinuxException {
        request(GETSIGMASK, "GETSIGMASK", tid, MASK_BYTES, buffer.address());
        return buffer.get(JAVA_LONG, 0);
    }

    public void setSignalMask(int tid, long mask) throws LinuxException {
        buffer.set(JAVA_LONG, 0, mask);
        request(SETSIGMASK, "SETSIGMASK", tid, MASK_BYTES, buffer.address());
    }

    /** Address of a stopped thread's struct rseq (rseq(2)); 0 where it has none or the kernel is older than 5.13. */
    public long rseq(int tid) throws LinuxException {
        try {
            request(GET_RSEQ_CONFIGURATION, "GET_RSEQ_CONFIGURATION", tid, RSEQ_BYTES, buffer.address());
            return buffer.get(JAVA_LONG, 0);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EIO || e.errno() == Errno.EINVAL) {
                return 0;
            }
            throw e;
        }
    }

    /**
     * One of a stopped thread's seccomp filters, as many instructions of {@code struct sock_filter} as it has; null past the last. EACCES:
     * not without CAP_SYS_ADMIN, nor under a filter of one's own; EINVAL, EIO, EMEDIUMTYPE: the kernel cannot tell. Nobody has one, empty.
     *
     * @param index 0 is the oldest
     */
    public byte @Nullable [] seccompFilter(int tid, int index) throws LinuxException {
        long instructions = perform(SECCOMP_GET_FILTER, tid, index, buffer.address());
        int errno = CFunction.errno(capture);
        if (instructions < 0 && errno != Errno.ENOENT.number() && tid != NOBODY) {
            throw new LinuxException("ptrace(SECCOMP_GET_FILTER, " + tid + ")", errno);
        }
        if (instructions < 0 && (tid != NOBODY || index > 0)) {
            return null;
        }
        byte[] program = new byte[Math.max(0, (int) instructions) * FILTER_INSTRUCTION_BYTES];
        MemorySegment.copy(buffer, 0, MemorySegment.ofArray(program), 0, program.length);
        return program;
    }

    /**
     * Looks, without waiting, for a change of a traced thread. A stop is not collected: waitpid(2) would make the kernel forget the
     * signal that the thread is stopped with, and if this process died before it passed that on, it would be lost.
     */
    public WaitStatus poll(int tid) throws LinuxException {
        child.set(JAVA_INT, SI_PID, 0);
        int options = STOPPED_OR_EXITED | WNOHANG | WALL | WNOWAIT;
        int failed = WAITID.callInt(capture, P_PID, tid, child.address(), options);
        if (tid == NOBODY) {
            return WaitStatus.of(STOPPED_AS_ASKED);
        }
        if (failed < 0) {
            throw new LinuxException("waitid(" + tid + ")", CFunction.errno(capture));
        }
        if (child.get(JAVA_INT, SI_PID) == 0) {
            return RUNNING;
        }
        int code = child.get(JAVA_INT, SI_CODE);
        return code == CLD_TRAPPED || code == CLD_STOPPED
                ? WaitStatus.stopped(child.get(JAVA_INT, SI_STATUS))
                : collect(tid);
    }

    @Override
    public void close() {
        arena.close();
    }

    private WaitStatus collect(int tid) throws LinuxException {
        int _ = WAITPID.check("waitpid(" + tid + ")", capture, tid, status.address(), WNOHANG | WALL);
        return new WaitStatus.Ended();
    }

    private void describe(long length) {
        iovec.set(JAVA_LONG, 0, buffer.address());
        iovec.set(JAVA_LONG, 8, length);
    }

    private void request(int request, String name, int tid, long address, long data) throws LinuxException {
        if (perform(request, tid, address, data) < 0 && tid != NOBODY) {
            throw new LinuxException("ptrace(" + name + ", " + tid + ")", CFunction.errno(capture));
        }
    }

    private long perform(int request, int tid, long address, long data) {
        return PTRACE.call(capture, request, tid, address, data);
    }
}
