package io.perfagent.python.inject.aarch64;

import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.StoppedThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * aarch64. The registers of a stopped thread are a struct user_pt_regs (asm/ptrace.h) of 34 words:
 *
 * <pre>
 *   x0 … x7   x8 … x30   sp   pc   pstate
 *   0         64         248  256  264
 * </pre>
 *
 * A tracer sees an interrupted system call otherwise than on x86-64: before the stop the kernel has undone it already (do_signal in
 * arch/arm64/kernel/signal.c), so that the thread stands at the {@code svc} with the call's arguments, as if about to enter it, and
 * NT_ARM_SYSTEM_CALL says −1. Which kind of restart it was is known to the kernel only, and forgotten once the program counter changes:
 * here it follows from the call. One that ended with EINTR leaves the thread behind the {@code svc}.
 */
public final class Aarch64Architecture implements Architecture {
    private static final int X0 = 0;
    private static final int X1 = 8;
    private static final int X3 = 24;
    private static final int X8 = 64;
    private static final int SP = 248;
    private static final int PC = 256;
    private static final int PSTATE = 264;
    private static final int REGISTER_BYTES = 34 * Long.BYTES;
    /** What kind of indirect branch led here: for the very next instruction to check. */
    private static final long BRANCH_TYPE = 0xc00;

    private static final int VECTOR_BYTES = 528;
    private static final int STACK_ALIGNMENT = 16;
    private static final int PAGE = 4096;
    private static final int SVC = 0xd4000001;
    private static final int EINTR = 4;

    @Override
    public int machine() {
        return ElfFile.EM_AARCH64;
    }

    @Override
    public byte[] routine(PythonCalls calls, long controlBlock) {
        return Aarch64Routine.assemble(calls, controlBlock);
    }

    @Override
    public int vectorBytes(Ptrace ptrace, int tid) throws LinuxException {
        return ExtendedState.isLive(ptrace, tid) ? -1 : VECTOR_BYTES;
    }

    /** A thread in 32-bit code, or with a stack pointer that nothing may be stored by, is at no place that anything is done from. */
    @Override
    public StoppedThread decode(byte[] registers, ProcessMemory memory) throws IOException {
        ByteBuffer words = words(registers);
        if (registers.length != REGISTER_BYTES || words.getLong(SP) % STACK_ALIGNMENT != 0) {
            return new StoppedThread(0, 0, -1, null, registers);
        }
        long at = words.getLong(PC);
        if (isSystemCall(at, memory)) {
            return atSystemCall(at, words, registers);
        }
        boolean interrupted = words.getLong(X0) == -EINTR && at % PAGE != 0 && isSystemCall(at - Integer.BYTES, memory);
        long call = interrupted ? words.getInt(X8) : -1;
        return new StoppedThread(at, words.getLong(SP), call, resumption(at, words, Restart.NONE), registers);
    }

    @Override
    public byte[] nobody(long programCounter) {
        byte[] registers = new byte[REGISTER_BYTES];
        words(registers).putLong(X0, -EINTR).putLong(PC, programCounter);
        return registers;
    }

    /** The kernel has forgotten the system call by now, there is nothing to keep it from restarting. */
    @Override
    public byte[] entering(StoppedThread thread, long routine) {
        byte[] registers = thread.registers().clone();
        ByteBuffer words = words(registers);
        words.putLong(PC, routine).putLong(PSTATE, words.getLong(PSTATE) & ~BRANCH_TYPE);
        return registers;
    }

    @Override
    public long[] jumpTargets(ByteBuffer code, long address) {
        return Aarch64Jumps.targets(code, address);
    }

    @Override
    public @Nullable ParkedCall parkedCall(ThreadSyscall call) {
        return Aarch64SystemCalls.parked(call);
    }

    @Override
    public boolean isTrampoline(ByteBuffer code) {
        return Aarch64Trampolines.begins(code);
    }

    /** Where the call is none of those known, entering it from the start need not be what the kernel would do. */
    private static StoppedThread atSystemCall(long at, ByteBuffer words, byte[] registers) {
        int number = words.getInt(X8);
        long sp = words.getLong(SP);
        ParkedCall call =
                Aarch64SystemCalls.parked(new ThreadSyscall(number, words.getLong(X0), words.getLong(X1), sp, at));
        Restart restart = call == null ? null : Aarch64SystemCalls.restart(call, words.getLong(X3) != 0);
        return restart == null
                ? new StoppedThread(at, sp, -1, null, registers)
                : new StoppedThread(at, sp, number, resumption(at, words, restart), registers);
    }

    private static Resumption resumption(long at, ByteBuffer words, Restart restart) {
        return new Resumption(at, words.getLong(X0), at + Integer.BYTES, restart, (int) words.getLong(PSTATE));
    }

    private static boolean isSystemCall(long at, ProcessMemory memory) throws IOException {
        return memory.read(at, Integer.BYTES).getInt(0) == SVC;
    }

    private static ByteBuffer words(byte[] registers) {
        return ByteBuffer.wrap(registers).order(ByteOrder.LITTLE_ENDIAN);
    }
}
