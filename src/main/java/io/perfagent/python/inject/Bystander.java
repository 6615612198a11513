package io.perfagent.python.inject;

import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.util.Arrays;

/** A stopped thread that may come to go on as if nothing had been. */
final class Bystander {
    private final Ptrace ptrace;
    private final Architecture architecture;
    private final int registerBytes;

    Bystander(Ptrace ptrace, Architecture architecture) {
        this.ptrace = ptrace;
        this.architecture = architecture;
        this.registerBytes = architecture.nobody().registers().length;
    }

    StoppedThread look(int tid) throws LinuxException {
        byte[] registers = new byte[registerBytes];
        int length = ptrace.registers(tid, Ptrace.NT_PRSTATUS, registers);
        return architecture.decode(length == registerBytes ? registers : Arrays.copyOf(registers, length));
    }

    /** A stop is not to be noticed, even where it comes to nothing: unless a signal is waiting, whose handler may count on the end. */
    void leave(int tid, StoppedThread thread) throws IOException {
        byte[] registers = architecture.again(thread);
        if (registers != null && ProcStatus.read(tid).signalsAboutToBeHandled() == 0) {
            ptrace.setRegisters(tid, Ptrace.NT_PRSTATUS, registers);
        }
    }
}
