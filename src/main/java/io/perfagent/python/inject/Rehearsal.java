package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ThreadSyscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Sends a thread that does not exist through all that a stopped thread waits for, with this process's own memory in the place of the
 * target's, often enough for the compiler to have done its work. Otherwise a first stop lasts milliseconds: classes are loaded, calls
 * linked, and the rest is interpreted.
 */
final class Rehearsal {
    /** The compiler's threshold is 200 calls. */
    private static final int TIMES = 220;

    private static boolean done;

    private Rehearsal() {}

    /** Once in the life of the virtual machine. */
    static synchronized void perform(Interpreter interpreter, Architecture architecture, Ptrace ptrace, Placement place)
            throws IOException, RefusedException {
        if (done) {
            return;
        }
        try (Arena arena = Arena.ofConfined();
                ProcessMemory own =
                        ProcessMemory.open((int) ProcessHandle.current().pid())) {
            MemorySegment block = arena.allocate(ControlBlock.SIZE, Long.BYTES);
            Entrance entrance = new Entrance(
                    interpreter,
                    architecture,
                    ptrace,
                    own,
                    new StopClock(),
                    new ControlBlock(own, block.address()),
                    place.forNobody());
            StoppedThread nobody = architecture.nobody();
            ThreadSyscall call = new ThreadSyscall(nobody.systemCall(), 0, 0, 0, 0);
            Threads.Parked parked = new Threads.Parked(Ptrace.NOBODY, ParkedCall.SLEEP, call);
            Threads threads = new Threads(List.of(), List.of(), AddressSpace.of(interpreter, List.of()), 0);
            for (int time = 0; time < TIMES; time++) {
                ptrace.setRegisters(Ptrace.NOBODY, Ptrace.NT_PRSTATUS, nobody.registers());
                entrance.borrow(parked, Command.LOOK);
                entrance.queue(Ptrace.NOBODY, threads, Command.LOOK);
            }
        }
        done = true;
    }
}
