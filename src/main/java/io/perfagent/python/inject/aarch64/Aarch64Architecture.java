package io.perfagent.python.inject.aarch64;

import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.linux.Ptrace;
import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.MapGuard;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.StoppedThread;
import io.perfagent.python.inject.SystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
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
    private static final int SVC_BYTES = 4;
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
    public MapGuard.Code mapGuard(long write, long closeMap) {
        return Aarch64MapGuard.assemble(write, closeMap);
    }

    @Override
    public int vectorBytes(Ptrace ptrace, int tid) throws LinuxException {
        return ExtendedState.isLive(ptrace, tid) ? -1 : VECTOR_BYTES;
    }

    /** A thread in 32-bit code, or with a stack pointer that nothing may be stored by, is at no place that anything is done from. */
    @Override
    public StoppedThread decode(byte[] registers) {
        ByteBuffer words = words(registers);
        if (registers.length != REGISTER_BYTES || words.getLong(SP) % STACK_ALIGNMENT != 0) {
            return new StoppedThread(0, 0, -1, registers);
        }
        return new StoppedThread(words.getLong(PC), words.getLong(SP), words.getInt(X8), registers);
    }

    @Override
    public StoppedThread nobody() {
        byte[] registers = new byte[REGISTER_BYTES];
        words(registers).putLong(X8, Aarch64SystemCalls.READ).putLong(PC, -SVC_BYTES);
        return decode(registers);
    }

    @Override
    public boolean afterSystemCall(StoppedThread thread, ProcessMemory memory) throws IOException {
        return isSystemCall(thread.programCounter() - SVC_BYTES, memory);
    }

    @Override
    public @Nullable Resumption resumption(StoppedThread thread, ThreadSyscall call) {
        long ahead = call.programCounter() - thread.programCounter();
        ByteBuffer words = words(thread.registers());
        if (thread.systemCall() != call.number()) {
            return null;
        }
        if (ahead == 0 && words.getLong(X0) == -EINTR) {
            return Aarch64SystemCalls.waitsAnew(call.number(), words.getLong(X3))
                    ? enteredAgain(thread, call)
                    : resumption(thread, Restart.NONE);
        }
        Restart restart = ahead == SVC_BYTES && words.getLong(X0) == call.first() ? restart(words) : null;
        return restart == null ? null : resumption(thread, restart);
    }

    /** One that is about to enter a call may have been in it. */
    @Override
    public @Nullable Resumption resumption(StoppedThread thread, ProcessMemory memory) throws IOException {
        return isSystemCall(thread.programCounter(), memory) ? null : resumption(thread, Restart.NONE);
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
    public SystemCalls systemCalls() {
        return Aarch64SystemCalls.NEEDED;
    }

    @Override
    public long[] jumpTargets(ByteBuffer code, long address) {
        return Aarch64Jumps.targets(code, address);
    }

    @Override
    public OptionalLong getter(ProcessMemory memory, long function, long argument) throws IOException {
        return Aarch64Getter.evaluate(memory, function, argument);
    }

    @Override
    public @Nullable ParkedCall parkedCall(ThreadSyscall call) {
        return Aarch64SystemCalls.parked(call);
    }

    @Override
    public boolean isFileCall(long systemCall) {
        return Aarch64SystemCalls.isForFiles(systemCall);
    }

    @Override
    public boolean isTrampoline(ByteBuffer code) {
        return Aarch64Trampolines.begins(code);
    }

    /** Null where entering the call from the start is not what the kernel would do. */
    private static @Nullable Restart restart(ByteBuffer words) {
        ParkedCall call = Aarch64SystemCalls.parked(
                new ThreadSyscall(words.getInt(X8), words.getLong(X0), words.getLong(X1), 0, 0));
        return call == null ? null : Aarch64SystemCalls.restart(call, words.getLong(X3) != 0);
    }

    /** The first argument has made way for the result by now; it was seen while the thread was blocked. */
    private static Resumption enteredAgain(StoppedThread thread, ThreadSyscall call) {
        long behind = call.programCounter();
        int state = (int) words(thread.registers()).getLong(PSTATE);
        return new Resumption(behind - SVC_BYTES, call.first(), behind, Restart.UNLESS_HANDLED, state);
    }

    private static Resumption resumption(StoppedThread thread, Restart restart) {
        ByteBuffer words = words(thread.registers());
        long at = thread.programCounter();
        return new Resumption(at, words.getLong(X0), at + SVC_BYTES, restart, (int) words.getLong(PSTATE));
    }

    private static boolean isSystemCall(long at, ProcessMemory memory) throws IOException {
        return at > 0 && memory.read(at, SVC_BYTES).getInt(0) == SVC;
    }

    private static ByteBuffer words(byte[] registers) {
        return ByteBuffer.wrap(registers).order(ByteOrder.LITTLE_ENDIAN);
    }
}
