package io.perfagent.python.inject.x86_64;

import static io.perfagent.python.inject.x86_64.Register.R10;
import static io.perfagent.python.inject.x86_64.Register.R12;
import static io.perfagent.python.inject.x86_64.Register.R13;
import static io.perfagent.python.inject.x86_64.Register.R14;
import static io.perfagent.python.inject.x86_64.Register.RAX;
import static io.perfagent.python.inject.x86_64.Register.RBP;
import static io.perfagent.python.inject.x86_64.Register.RBX;
import static io.perfagent.python.inject.x86_64.Register.RCX;
import static io.perfagent.python.inject.x86_64.Register.RDI;
import static io.perfagent.python.inject.x86_64.Register.RDX;
import static io.perfagent.python.inject.x86_64.Register.RSI;
import static io.perfagent.python.inject.x86_64.Register.RSP;

import io.perfagent.python.inject.BlockedSignals;
import io.perfagent.python.inject.ControlBlock;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Route;
import io.perfagent.python.inject.RunResult;
import io.perfagent.python.inject.RunState;
import io.perfagent.python.inject.x86_64.Assembler.Label;

/**
 * The code that a borrowed thread runs. It is entered by a change of the program counter alone and puts everything back
 * itself, so that it does not matter whether whoever sent it there still lives (System V ABI, x86-64; Intel SDM vol. 1, 13.7):
 *
 * <pre>
 *   interrupted rsp ─→ ┌────────────────────┐
 *                      │ red zone, 128      │ belongs to the interrupted function
 *                      │ return pc          │ +128   taken by "ret 128" at the very end
 *                      │ flags              │ +120
 *                      │ rax … r15          │ +112 … 0
 *              rbp ─→  ├────────────────────┤
 *                      │ interrupted-at pc  │ −8
 *                      │ signal mask        │ −16
 *                      │ restart            │ −24
 *                      │ pending signals    │ −32
 *                      │ struct sigaction   │ −64 … −33
 *                      │ vector state       │ XSAVE, aligned to 64
 *              rsp ─→  └────────────────────┘
 * </pre>
 *
 * The block is copied to the stack at once: from then on nothing that another agent writes there leads this thread astray.
 */
final class X86Routine {
    private static final int SAVED_RAX = 112;
    private static final int RETURN_PC = 128;
    private static final int INTERRUPTED_AT = -8;
    private static final int SIGNAL_MASK = -16;
    private static final int RESTART = -24;
    private static final int PENDING = -32;
    private static final int SIGACTION = -64;
    private static final int SIGACTION_FLAGS = SIGACTION + 8;
    private static final int RED_ZONE = 128;
    private static final int XSAVE_HEADER = 512;
    private static final int XSAVE_HEADER_BYTES = 64;

    private static final int RT_SIGACTION = 13;
    private static final int RT_SIGPROCMASK = 14;
    private static final int RT_SIGPENDING = 127;
    private static final int SIG_SETMASK = 2;
    private static final int SIGSET_BYTES = 8;
    private static final int SA_RESTART = 0x10000000;
    private static final int EINTR = 4;

    private static final Register[] SAVED = {
        RAX, RCX, RDX, RBX, RBP, RSI, RDI, Register.R8, Register.R9, R10, Register.R11, R12, R13, R14, Register.R15
    };

    private final Assembler code = new Assembler();
    private final Label parked = new Label();
    private final Label finish = new Label();
    private final Label giveBack = new Label();
    private final Label leave = new Label();
    private final Label blockedSignals = new Label();
    private final long controlBlock;
    private final Work work;

    private X86Routine(PythonCalls calls, long controlBlock) {
        this.controlBlock = controlBlock;
        this.work = new Work(code, calls);
    }

    static byte[] assemble(PythonCalls calls, long controlBlock) {
        X86Routine routine = new X86Routine(calls, controlBlock);
        routine.saveRegisters();
        routine.copyBlock();
        routine.saveVectors();
        routine.blockSignals();
        routine.askToStop();
        routine.requireInterpreter(calls);
        routine.chooseRoute(calls);
        routine.workUnderTheGil(calls);
        routine.decideRestart();
        routine.leave();
        routine.work.emit();
        routine.code.bind(routine.blockedSignals).data(BlockedSignals.MASK);
        return routine.code.assemble();
    }

    private void saveRegisters() {
        code.address(RSP, RSP, -RED_ZONE).pushImmediate(0).pushFlags();
        for (Register register : SAVED) {
            code.push(register);
        }
        code.move(RBP, RSP).clearDirection().move(RBX, controlBlock);
    }

    private void copyBlock() {
        code.load(RAX, RBX, ControlBlock.RETURN_PC).store(RBP, RETURN_PC, RAX);
        code.load(RAX, RBX, ControlBlock.RETURN_VALUE).store(RBP, SAVED_RAX, RAX);
        code.pushMemory(RBX, ControlBlock.INTERRUPTED_AT).pushMemory(RBX, ControlBlock.SIGNAL_MASK);
        code.load32(RAX, RBX, ControlBlock.RESTART).push(RAX);
        code.load32(RCX, RBX, ControlBlock.VECTOR_BYTES);
        code.store32(RBX, ControlBlock.STATE, RunState.ENTERED.code());
    }

    private void saveVectors() {
        code.address(RSP, RBP, SIGACTION).subtract(RSP, RCX).and(RSP, -64).zero(RAX);
        for (int word = 0; word < XSAVE_HEADER_BYTES; word += Long.BYTES) {
            code.store(RSP, XSAVE_HEADER + word, RAX);
        }
        code.move32(RAX, -1).move32(RDX, -1).saveVectors(RSP);
    }

    /** The agent has done so already, unless it died on the way. */
    private void blockSignals() {
        code.address(RSI, blockedSignals);
        setSignalMask();
    }

    private void setSignalMask() {
        code.move32(RAX, RT_SIGPROCMASK).move32(RDI, SIG_SETMASK).zero(RDX).move32(R10, SIGSET_BYTES);
        code.systemCall();
    }

    /** This may happen anywhere: no function is called and no lock is taken. */
    private void askToStop() {
        Label other = new Label();
        code.compare32(RBX, ControlBlock.ROUTE, Route.REMOTE_DEBUGGING.code()).jump(Condition.NOT_EQUAL, other);
        code.load(RAX, RBX, ControlBlock.BEFORE).lockedOr8(RAX, 0, ControlBlock.PLEASE_STOP);
        end(RunResult.COMPLETED);
        code.bind(other);
    }

    private void requireInterpreter(PythonCalls calls) {
        Label initialized = new Label();
        Label alive = new Label();
        code.call(calls.isInitialized()).test32(RAX).jump(Condition.NOT_EQUAL, initialized);
        end(RunResult.NOT_INITIALIZED);
        code.bind(initialized).call(calls.isFinalizing());
        code.test32(RAX).jump(Condition.EQUAL, alive);
        end(RunResult.FINALIZING);
        code.bind(alive);
    }

    /** {@code _PyEval_AddPendingCall(interpreter, function, argument, flags)}; not 0 where the queue is full. */
    private void chooseRoute(PythonCalls calls) {
        code.compare32(RBX, ControlBlock.ROUTE, Route.PARKED_THREAD.code()).jump(Condition.EQUAL, parked);
        code.call(calls.mainInterpreter()).move(RDI, RAX).address(RSI, work.pendingCall());
        code.move(RDX, RBX).load32(RCX, RBX, ControlBlock.ROUTE).call(calls.addPendingCall());
        code.test32(RAX).jump(Condition.EQUAL, giveBack);
        end(RunResult.QUEUE_FULL);
    }

    private void workUnderTheGil(PythonCalls calls) {
        Label free = new Label();
        code.bind(parked).call(calls.uncheckedThreadState());
        code.test(RAX).jump(Condition.EQUAL, free);
        end(RunResult.HOLDS_GIL);
        code.bind(free).call(calls.ensure());
        code.move(R14, RAX).move(RDI, RBX).call(work.start());
        code.move(RDI, R14).call(calls.release());
        code.store32(RBX, ControlBlock.STATE, RunState.DONE.code());
    }

    /** State and result are neighbours, and written as one. */
    private void end(RunResult result) {
        code.move(RAX, (long) result.code() << Integer.SIZE | RunState.DONE.code());
        code.jump(finish);
    }

    /**
     * Signals that came meanwhile are about to be delivered. In the kernel's place, ask the first that has a handler whether
     * the interrupted system call is entered again; otherwise a handler would have run and the call would never say so.
     */
    private void decideRestart() {
        Label next = new Label();
        Label interrupted = new Label();
        code.jump(giveBack).bind(finish).store(RBX, ControlBlock.STATE, RAX);
        code.bind(giveBack).compare32(RBP, RESTART, Restart.UNLESS_HANDLER_DECLINES.code());
        code.jump(Condition.BELOW, leave);
        code.move32(RAX, RT_SIGPENDING).address(RDI, RBP, PENDING).move32(RSI, SIGSET_BYTES);
        code.systemCall();
        code.load(R12, RBP, SIGNAL_MASK).not(R12).load(RAX, RBP, PENDING).and(R12, RAX);
        code.bind(next).test(R12).jump(Condition.EQUAL, leave);
        code.lowestBit(R13, R12).clearBit(R12, R13);
        askForHandler();
        code.load(RAX, RBP, SIGACTION).compare(RAX, 1).jump(Condition.BELOW_OR_EQUAL, next);
        code.compare32(RBP, RESTART, Restart.UNLESS_HANDLED.code()).jump(Condition.EQUAL, interrupted);
        code.test32(RBP, SIGACTION_FLAGS, SA_RESTART).jump(Condition.NOT_EQUAL, leave);
        code.bind(interrupted).load(RAX, RBP, INTERRUPTED_AT).store(RBP, RETURN_PC, RAX);
        code.storeImmediate(RBP, SAVED_RAX, -EINTR);
    }

    private void askForHandler() {
        code.address(RDI, R13, 1).zero(RSI).address(RDX, RBP, SIGACTION).move32(R10, SIGSET_BYTES);
        code.move32(RAX, RT_SIGACTION).systemCall();
    }

    private void leave() {
        code.bind(leave).address(RSI, RBP, SIGNAL_MASK);
        setSignalMask();
        code.move32(RAX, -1).move32(RDX, -1).restoreVectors(RSP).move(RSP, RBP);
        for (int index = SAVED.length - 1; index >= 0; index--) {
            code.pop(SAVED[index]);
        }
        code.popFlags().retPopping(RED_ZONE);
    }
}
