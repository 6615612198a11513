package io.perfagent.python.inject.x86_64;

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
 * x86-64. The registers of a stopped thread are a struct user_regs_struct (sys/user.h) of 27 words:
 *
 * <pre>
 *   r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs
 *    0                                   80                     120    128 136        152
 * </pre>
 */
public final class X86Architecture implements Architecture {
    private static final int R10 = 56;
    private static final int RAX = 80;
    private static final int RDI = 112;
    private static final int ORIG_RAX = 120;
    private static final int RIP = 128;
    private static final int CS = 136;
    private static final int RSP = 152;
    private static final int REGISTER_BYTES = 27 * Long.BYTES;
    private static final int USER_CODE_64 = 0x33;
    private static final int NT_X86_XSTATE = 0x202;

    private static final int SYSCALL_BYTES = 2;
    private static final short SYSCALL = 0x050f;
    private static final int EINTR = 4;
    private static final int ERESTART_RESTARTBLOCK = -516;

    @Override
    public int machine() {
        return ElfFile.EM_X86_64;
    }

    @Override
    public byte[] routine(PythonCalls calls, long controlBlock) {
        return X86Routine.assemble(calls, controlBlock);
    }

    @Override
    public MapGuard.Code mapGuard(long write, long closeMap) {
        return X86MapGuard.assemble(write, closeMap);
    }

    @Override
    public int vectorBytes(Ptrace ptrace, int tid) throws LinuxException {
        return ptrace.registerBytes(tid, NT_X86_XSTATE);
    }

    @Override
    public StoppedThread decode(byte[] registers) {
        ByteBuffer words = words(registers);
        if (registers.length != REGISTER_BYTES || words.getLong(CS) != USER_CODE_64) {
            return new StoppedThread(0, 0, -1, registers); // in 32-bit code: at no place that anything is done from
        }
        return new StoppedThread(words.getLong(RIP), words.getLong(RSP), words.getLong(ORIG_RAX), registers);
    }

    @Override
    public StoppedThread nobody() {
        return new StoppedThread(0, 0, -1, new byte[REGISTER_BYTES]);
    }

    @Override
    public byte[] entering(StoppedThread thread, long routine) {
        byte[] registers = thread.registers().clone();
        words(registers).putLong(RIP, routine).putLong(ORIG_RAX, -1); // −1: the kernel restarts nothing
        return registers;
    }

    @Override
    public boolean afterSystemCall(StoppedThread thread, ProcessMemory memory) throws IOException {
        long at = thread.programCounter() - SYSCALL_BYTES;
        return at > 0 && memory.read(at, SYSCALL_BYTES).getShort(0) == SYSCALL;
    }

    @Override
    public @Nullable Resumption resumption(StoppedThread thread, ThreadSyscall call) {
        boolean still = thread.systemCall() == call.number()
                && thread.programCounter() == call.programCounter()
                && words(thread.registers()).getLong(RDI) == call.first();
        return still ? resumption(thread) : null;
    }

    /** A call by another instruction is entered again in another way. */
    @Override
    public @Nullable Resumption resumption(StoppedThread thread, ProcessMemory memory) throws IOException {
        return thread.systemCall() < 0 || afterSystemCall(thread, memory) ? resumption(thread) : null;
    }

    @Override
    public byte @Nullable [] again(StoppedThread thread) {
        boolean ended = words(thread.registers()).getLong(RAX) == -EINTR;
        if (!ended || !waitsAnew(thread.systemCall(), thread)) {
            return null;
        }
        byte[] registers = entering(thread, thread.programCounter() - SYSCALL_BYTES);
        words(registers).putLong(RAX, thread.systemCall());
        return registers;
    }

    @Override
    public byte @Nullable [] withoutRestart(StoppedThread thread) {
        ByteBuffer before = words(thread.registers());
        if (before.getLong(ORIG_RAX) < 0 || before.getLong(RAX) != ERESTART_RESTARTBLOCK) {
            return null;
        }
        byte[] registers = entering(thread, thread.programCounter());
        words(registers).putLong(RAX, -EINTR);
        return registers;
    }

    @Override
    public SystemCalls systemCalls() {
        return X86SystemCalls.NEEDED;
    }

    @Override
    public long[] jumpTargets(ByteBuffer code, long address) {
        return X86Jumps.targets(code, address);
    }

    @Override
    public OptionalLong getter(ProcessMemory memory, long function, long argument) throws IOException {
        return X86Getter.evaluate(memory, function, argument);
    }

    @Override
    public @Nullable ParkedCall parkedCall(ThreadSyscall call) {
        return X86SystemCalls.parked(call);
    }

    @Override
    public boolean isFileCall(long systemCall) {
        return X86SystemCalls.isForFiles(systemCall);
    }

    @Override
    public boolean isTrampoline(ByteBuffer code) {
        return X86Trampolines.begins(code);
    }

    private static Resumption resumption(StoppedThread thread) {
        long after = thread.programCounter();
        long again = after - SYSCALL_BYTES;
        long number = thread.systemCall();
        long result = words(thread.registers()).getLong(RAX);
        if (number < 0) {
            return new Resumption(after, result, after, Restart.NONE, 0);
        }
        return switch ((int) result) {
            case -512 -> new Resumption(again, number, after, Restart.UNLESS_HANDLER_DECLINES, 0); // ERESTARTSYS
            case -513 -> new Resumption(again, number, after, Restart.ALWAYS, 0); // ERESTARTNOINTR
            case -514 -> new Resumption(again, number, after, Restart.UNLESS_HANDLED, 0); // ERESTARTNOHAND
            case -EINTR ->
                waitsAnew(number, thread)
                        ? new Resumption(again, number, after, Restart.UNLESS_HANDLED, 0)
                        : new Resumption(after, result, after, Restart.NONE, 0);
            case ERESTART_RESTARTBLOCK ->
                new Resumption(again, X86SystemCalls.RESTART_SYSCALL, after, Restart.UNLESS_HANDLED, 0);
            default -> new Resumption(after, result, after, Restart.NONE, 0);
        };
    }

    /**
     * The kernel ends some calls with EINTR at any stop, even where no handler runs (signal(7)). Entered again they wait as before, for
     * as long as they were asked to: exactly right without a time limit. One of epoll_wait counts from the start and is left to the
     * caller, for CPython knows how much of it is left.
     */
    private static boolean waitsAnew(long number, StoppedThread thread) {
        long timeout = words(thread.registers()).getLong(R10);
        return switch ((int) number) {
            case 0, 43, 288, 45, 47, 299, 128 -> true; // read, accept, accept4, recv…, rt_sigtimedwait
            case 232, 281 -> (int) timeout < 0; // epoll_wait, epoll_pwait
            case 441 -> timeout == 0; // epoll_pwait2: NULL
            default -> false;
        };
    }

    private static ByteBuffer words(byte[] registers) {
        return ByteBuffer.wrap(registers).order(ByteOrder.LITTLE_ENDIAN);
    }
}
