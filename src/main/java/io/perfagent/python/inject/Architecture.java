package io.perfagent.python.inject;

import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What differs from one processor architecture to the next. */
public interface Architecture {
    /** As much code as tells whether it is a trampoline. */
    int TRAMPOLINE_BYTES = 32;

    /** ELF machine number. */
    int machine();

    /** The routine's code for one process; it is entered at its first byte and may lie anywhere. */
    byte[] routine(PythonCalls calls, long controlBlock);

    /**
     * What stands in for two functions of CPython's, see {@link MapGuard}.
     *
     * @param write address of the original write_state
     * @param closeMap address of PyUnstable_PerfMapState_Fini
     */
    MapGuard.Code mapGuard(long write, long closeMap);

    /** Size of a stopped thread's vector state; negative where it has live state that the routine cannot give back. */
    int vectorBytes(Ptrace ptrace, int tid) throws LinuxException;

    /** @param registers the general registers, NT_PRSTATUS */
    StoppedThread decode(byte[] registers);

    /** A thread that does not exist, to rehearse with: parked in its call, the instruction of which ends at address 0. */
    StoppedThread nobody();

    /** Whether the thread stands just behind a system call instruction, as one does that is blocked in a call. */
    boolean afterSystemCall(StoppedThread thread, ProcessMemory memory) throws IOException;

    /** How a thread goes on that was seen blocked in a call; null where it is in that no longer. */
    @Nullable
    Resumption resumption(StoppedThread thread, ThreadSyscall call);

    /** How a thread goes on that was seen running; null where that cannot be told. */
    @Nullable
    Resumption resumption(StoppedThread thread, ProcessMemory memory) throws IOException;

    /** The registers with which the thread enters the routine. */
    byte[] entering(StoppedThread thread, long routine);

    /** The registers with which a call that the stop itself has ended is entered again; null where it has ended none. */
    default byte @Nullable [] again(StoppedThread thread) {
        return null;
    }

    /**
     * The registers with which a call that the stop has interrupted ends with EINTR, where it would go on by restart_syscall; null where
     * it would not.
     */
    default byte @Nullable [] withoutRestart(StoppedThread thread) {
        return null;
    }

    /** System calls as seccomp filters see them. */
    SystemCalls systemCalls();

    /** Where code at {@code address} may jump to; more than it does, never less. */
    long[] jumpTargets(ByteBuffer code, long address);

    /** What a function that only reads fields would return, without calling it; empty where that cannot be told. */
    OptionalLong getter(ProcessMemory memory, long function, long argument) throws IOException;

    /** Null where the call is not one to borrow a thread from. */
    @Nullable
    ParkedCall parkedCall(ThreadSyscall call);

    /** Whether a system call is one for files that neither a lock, nor an allocator, nor the start of a thread or process makes. */
    boolean isFileCall(long systemCall);

    /** Whether code, {@link #TRAMPOLINE_BYTES} of it, begins with CPython's perf trampoline. */
    boolean isTrampoline(ByteBuffer code);
}
