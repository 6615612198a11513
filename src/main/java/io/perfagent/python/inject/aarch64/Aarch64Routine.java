package io.perfagent.python.inject.aarch64;

import static io.perfagent.python.inject.aarch64.Register.SP;
import static io.perfagent.python.inject.aarch64.Register.X0;
import static io.perfagent.python.inject.aarch64.Register.X1;
import static io.perfagent.python.inject.aarch64.Register.X19;
import static io.perfagent.python.inject.aarch64.Register.X2;
import static io.perfagent.python.inject.aarch64.Register.X20;
import static io.perfagent.python.inject.aarch64.Register.X21;
import static io.perfagent.python.inject.aarch64.Register.X22;
import static io.perfagent.python.inject.aarch64.Register.X23;
import static io.perfagent.python.inject.aarch64.Register.X3;
import static io.perfagent.python.inject.aarch64.Register.X8;
import static io.perfagent.python.inject.aarch64.Register.XZR;

import io.perfagent.python.inject.BlockedSignals;
import io.perfagent.python.inject.ControlBlock;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Route;
import io.perfagent.python.inject.RunResult;
import io.perfagent.python.inject.RunState;
import io.perfagent.python.inject.aarch64.Assembler.Label;

/**
 * The code that a borrowed thread runs. It is entered by a change of the program counter alone and puts everything back itself, so that
 * it does not matter whether whoever sent it there still lives. No instruction branches and restores every register, for the address to
 * branch to is in one; the kernel does both, and the signal mask in the same step, at the end of a signal handler. So the routine lays a
 * signal frame on the stack as the kernel would have done (arch/arm64/kernel/signal.c, asm/sigcontext.h) and leaves by rt_sigreturn:
 *
 * <pre>
 *   interrupted sp ─→ ┌─────────────────────────┐ +4688
 *                     │ …                       │
 *                     │ end of records          │ +1120
 *                     │ v0 … v31                │ +608
 *                     │ magic, size, fpsr, fpcr │ +592
 *                     │ pstate                  │ +576
 *                     │ sp, pc                  │ +560
 *                     │ x0 … x30                │ +312
 *                     │ signal mask             │ +168
 *                     │ alternate signal stack  │ +144
 *                     │ siginfo, which the kernel does not read: pending signals, sigaction, restart, interrupted-at pc
 *              sp ─→  └─────────────────────────┘ 0
 * </pre>
 *
 * Nothing below the stack pointer belongs to anyone (AAPCS64, 6.4.5). The block is copied to the stack at once: from then on
 * nothing that another agent writes there leads this thread astray.
 */
final class Aarch64Routine {
    private static final int PENDING = 0;
    private static final int SIGACTION = 8;
    private static final int SIGACTION_FLAGS = SIGACTION + 8;
    private static final int RESTART = 40;
    private static final int INTERRUPTED_AT = 48;
    private static final int SIGNAL_STACK = 144;
    private static final int SIGNAL_STACK_SIZE = SIGNAL_STACK + 16;
    private static final int SIGNAL_MASK = 168;
    private static final int REGISTERS = 312;
    private static final int STACK_POINTER = 560;
    private static final int RETURN_PC = 568;
    private static final int PROCESSOR_STATE = 576;
    private static final int FLOATING_POINT = 592;
    private static final int FLOATING_POINT_STATUS = 600;
    private static final int FLOATING_POINT_CONTROL = 604;
    private static final int VECTORS = 608;
    private static final int END_OF_RECORDS = 1120;
    private static final int FRAME = 4688;
    /** The part of the frame's size that one subtraction takes. */
    private static final int FRAME_HIGH = 4096;

    private static final int VECTOR_COUNT = 32;
    private static final int VECTOR_BYTES = 16;
    /** struct _aarch64_ctx: magic u32, then size u32 of the record. */
    private static final long FLOATING_POINT_RECORD = 528L << 32 | 0x46508001;

    private static final int SIGALTSTACK = 132;
    private static final int RT_SIGACTION = 134;
    private static final int RT_SIGPROCMASK = 135;
    private static final int RT_SIGPENDING = 136;
    private static final int RT_SIGRETURN = 139;
    private static final int SIG_SETMASK = 2;
    private static final int SIGSET_BYTES = 8;
    private static final int SA_RESTART_BIT = 28;
    private static final int EINTR = 4;
    private static final int PLEASE_STOP_BIT = Integer.numberOfTrailingZeros(ControlBlock.PLEASE_STOP);

    private static final Register[] SAVED = {
        X2,
        X3,
        Register.X4,
        Register.X5,
        Register.X6,
        Register.X7,
        X8,
        Register.X9,
        Register.X10,
        Register.X11,
        Register.X12,
        Register.X13,
        Register.X14,
        Register.X15,
        Register.X16,
        Register.X17,
        Register.X18,
        X19,
        X20,
        X21,
        X22,
        X23,
        Register.X24,
        Register.X25,
        Register.X26,
        Register.X27,
        Register.X28,
        Register.X29
    };

    private final Assembler code = new Assembler();
    private final Label parked = new Label();
    private final Label finish = new Label();
    private final Label giveBack = new Label();
    private final Label leave = new Label();
    private final long controlBlock;
    private final Work work;

    private Aarch64Routine(PythonCalls calls, long controlBlock) {
        this.controlBlock = controlBlock;
        this.work = new Work(code, calls);
    }

    static byte[] assemble(PythonCalls calls, long controlBlock) {
        Aarch64Routine routine = new Aarch64Routine(calls, controlBlock);
        routine.saveRegisters();
        routine.saveVectors();
        routine.copyBlock();
        routine.blockSignals();
        routine.askToStop();
        routine.requireInterpreter(calls);
        routine.chooseRoute(calls);
        routine.workUnderTheGil(calls);
        routine.decideRestart();
        routine.leave();
        routine.work.emit();
        return routine.code.assemble();
    }

    /** X0 comes with the block, if it is a system call's. */
    private void saveRegisters() {
        code.subtract(SP, SP, FRAME_HIGH).subtract(SP, SP, FRAME - FRAME_HIGH).storePair(SP, REGISTERS, X0, X1);
        code.add(X0, SP, REGISTERS);
        for (int index = 0; index < SAVED.length; index += 2) {
            code.storePair(X0, (index + 2) * Long.BYTES, SAVED[index], SAVED[index + 1]);
        }
        code.add(X1, SP, FRAME_HIGH).add(X1, X1, FRAME - FRAME_HIGH);
        code.storePair(X0, STACK_POINTER - Long.BYTES - REGISTERS, Register.X30, X1);
    }

    private void saveVectors() {
        code.load(X0, FLOATING_POINT_RECORD).store(SP, FLOATING_POINT, X0);
        code.floatingPointStatus(X0).store32(SP, FLOATING_POINT_STATUS, X0);
        code.floatingPointControl(X0).store32(SP, FLOATING_POINT_CONTROL, X0);
        code.add(X0, SP, VECTORS);
        for (int vector = 0; vector < VECTOR_COUNT; vector += 2) {
            code.storeVectors(X0, vector * VECTOR_BYTES, vector);
        }
        code.store(SP, END_OF_RECORDS, XZR);
    }

    private void copyBlock() {
        code.load(X19, controlBlock);
        copy(ControlBlock.RETURN_PC, RETURN_PC);
        copy(ControlBlock.RETURN_VALUE, REGISTERS);
        copy(ControlBlock.INTERRUPTED_AT, INTERRUPTED_AT);
        copy(ControlBlock.SIGNAL_MASK, SIGNAL_MASK);
        code.load32(X0, X19, ControlBlock.RESTART).store(SP, RESTART, X0);
        code.load32(X0, X19, ControlBlock.PROCESSOR_STATE).store(SP, PROCESSOR_STATE, X0);
        Work.publish(code, RunState.ENTERED);
    }

    private void copy(int from, int to) {
        code.load(X0, X19, from).store(SP, to, X0);
    }

    /** The agent has done so already, unless it died on the way. */
    private void blockSignals() {
        code.load(X0, BlockedSignals.MASK).store(SP, PENDING, X0);
        code.move(X0, SIG_SETMASK).add(X1, SP, PENDING).move(X2, 0).move(X3, SIGSET_BYTES);
        systemCall(RT_SIGPROCMASK);
    }

    /** This may happen anywhere: no function is called and no lock is taken. */
    private void askToStop() {
        Label other = new Label();
        Label again = new Label();
        code.load32(X0, X19, ControlBlock.ROUTE).compare(X0, Route.REMOTE_DEBUGGING.code());
        code.jump(Condition.NOT_EQUAL, other).load(X1, X19, ControlBlock.BEFORE);
        code.bind(again).loadExclusive8(X0, X1).setBit32(X0, X0, PLEASE_STOP_BIT);
        code.storeReleaseExclusive8(X2, X1, X0).jumpIfNotZero32(X2, again);
        end(RunResult.COMPLETED);
        code.bind(other);
    }

    private void requireInterpreter(PythonCalls calls) {
        Label initialized = new Label();
        Label alive = new Label();
        code.call(calls.isInitialized()).jumpIfNotZero32(X0, initialized);
        end(RunResult.NOT_INITIALIZED);
        code.bind(initialized).call(calls.isFinalizing()).jumpIfZero32(X0, alive);
        end(RunResult.FINALIZING);
        code.bind(alive);
    }

    /** {@code _PyEval_AddPendingCall(interpreter, function, argument, flags)}; not 0 where the queue is full. */
    private void chooseRoute(PythonCalls calls) {
        code.load32(X20, X19, ControlBlock.ROUTE).compare(X20, Route.PARKED_THREAD.code());
        code.jump(Condition.EQUAL, parked);
        code.call(calls.mainInterpreter()).address(X1, work.pendingCall());
        code.move(X2, X19).move(X3, X20).call(calls.addPendingCall());
        code.jumpIfZero32(X0, giveBack);
        end(RunResult.QUEUE_FULL);
    }

    private void workUnderTheGil(PythonCalls calls) {
        Label free = new Label();
        code.bind(parked).call(calls.uncheckedThreadState()).jumpIfZero(X0, free);
        end(RunResult.HOLDS_GIL);
        code.bind(free).call(calls.ensure()).move(X21, X0);
        code.move(X0, X19).call(work.start()).move(X0, X21).call(calls.release());
        Work.publish(code, RunState.DONE);
    }

    private void end(RunResult result) {
        code.move(X0, result.code()).jump(finish);
    }

    /**
     * Signals that came meanwhile are about to be delivered. In the kernel's place, ask the first that has a handler whether
     * the interrupted system call is entered again; otherwise a handler would have run and the call would never say so.
     */
    private void decideRestart() {
        Label next = new Label();
        Label interrupted = new Label();
        code.jump(giveBack).bind(finish).store32(X19, ControlBlock.RESULT, X0);
        Work.publish(code, RunState.DONE);
        code.bind(giveBack).load(X0, SP, RESTART).compare(X0, Restart.UNLESS_HANDLER_DECLINES.code());
        code.jump(Condition.BELOW, leave);
        code.add(X0, SP, PENDING).move(X1, SIGSET_BYTES);
        systemCall(RT_SIGPENDING);
        code.load(X0, SP, PENDING).load(X1, SP, SIGNAL_MASK).andNot(X22, X0, X1);
        code.bind(next).jumpIfZero(X22, leave).reverseBits(X23, X22).leadingZeros(X23, X23);
        code.subtract(X0, X22, 1).and(X22, X22, X0);
        askForHandler();
        code.load(X0, SP, SIGACTION).compare(X0, 1).jump(Condition.BELOW_OR_EQUAL, next);
        code.load(X0, SP, RESTART).compare(X0, Restart.UNLESS_HANDLED.code()).jump(Condition.EQUAL, interrupted);
        code.load(X0, SP, SIGACTION_FLAGS).jumpIfSet(X0, SA_RESTART_BIT, leave);
        code.bind(interrupted).load(X0, SP, INTERRUPTED_AT).store(SP, RETURN_PC, X0);
        code.move(X0, -EINTR).store(SP, REGISTERS, X0);
    }

    private void askForHandler() {
        code.add(X0, X23, 1).move(X1, 0).add(X2, SP, SIGACTION).move(X3, SIGSET_BYTES);
        systemCall(RT_SIGACTION);
    }

    /**
     * rt_sigreturn sets the alternate signal stack too: to what it is, or, should a filter of system calls refuse to say, not at all, as one
     * of size 0 is none.
     */
    private void leave() {
        code.bind(leave).storePair(SP, SIGNAL_STACK, XZR, XZR).store(SP, SIGNAL_STACK_SIZE, XZR);
        code.move(X0, 0).add(X1, SP, SIGNAL_STACK);
        systemCall(SIGALTSTACK);
        systemCall(RT_SIGRETURN);
    }

    private void systemCall(int number) {
        code.move(X8, number).systemCall();
    }
}
