package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What differs from one processor architecture to the next. */
public interface Architecture {
    /** ELF machine number. */
    int machine();

    /** The routine's code for one process; it is entered at its first byte and may lie anywhere. */
    byte[] routine(PythonCalls calls, long controlBlock);

    /** Signals that wait while the routine runs: bit n−1 is signal n. */
    long blockedSignals();

    /** Register set that holds the vector state. */
    int vectorRegisterSet();

    StoppedThread decode(byte[] registers);

    /** A thread that does not exist, to rehearse with. */
    StoppedThread nobody();

    /** The registers with which the thread enters the routine. */
    byte[] entering(StoppedThread thread, long routine);

    /** Whether the thread stands just behind a system call instruction. */
    boolean afterSystemCall(StoppedThread thread, ProcessMemory memory) throws IOException;

    Resumption resumption(StoppedThread thread);

    /** The registers with which a call that the stop itself has ended is entered again; null where it has ended none. */
    default byte @Nullable [] again(StoppedThread thread) {
        return null;
    }

    /** Where code at {@code address} may jump to; more than it does, never less. */
    long[] jumpTargets(ByteBuffer code, long address);

    /** Null where the call is not one to borrow a thread from. */
    @Nullable
    ParkedCall parkedCall(ThreadSyscall call);
}
