package io.perfagent.python.inject.x86_64;

import static io.perfagent.python.inject.x86_64.Register.R10;
import static io.perfagent.python.inject.x86_64.Register.R12;
import static io.perfagent.python.inject.x86_64.Register.R13;
import static io.perfagent.python.inject.x86_64.Register.R8;
import static io.perfagent.python.inject.x86_64.Register.RAX;
import static io.perfagent.python.inject.x86_64.Register.RBX;
import static io.perfagent.python.inject.x86_64.Register.RCX;
import static io.perfagent.python.inject.x86_64.Register.RDI;
import static io.perfagent.python.inject.x86_64.Register.RDX;
import static io.perfagent.python.inject.x86_64.Register.RSI;
import static io.perfagent.python.inject.x86_64.Register.RSP;

import io.perfagent.python.inject.Command;
import io.perfagent.python.inject.ControlBlock;
import io.perfagent.python.inject.Payload;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.RunResult;
import io.perfagent.python.inject.RunState;
import io.perfagent.python.inject.x86_64.Assembler.Label;

/**
 * {@code int work(struct control_block *)}, called with the GIL held. The trampoline is initialised at most once in a process's
 * life, since a second time crashes several versions; from then on only the evaluation function is switched.
 *
 * <pre>
 *   nothing at all where Get() is not Main()
 *   before = after = GetEvalFrameFunc(Main())
 *   ACTIVATE, before is the default, memory may become executable:
 *     evaluator unknown:  PyRun_StringFlags(…) ends in UnicodeEncodeError ? undecodable names; evaluator = after = GetEvalFrameFunc(Main()); SetEvalFrameFunc(NULL);
 *                         descriptor that leads to the map ? PerfMapState_Fini()
 *     evaluator known:    map open and still the map ? PerfMapState_Fini(); SetEvalFrameFunc(evaluator)
 *   DEACTIVATE, before is not, and is the evaluator if that is known:  evaluator = before; SetEvalFrameFunc(NULL)
 *   after = GetEvalFrameFunc(Main())
 * </pre>
 */
final class Work {
    private static final int FSTAT = 5;
    private static final int PRCTL = 157;
    private static final int NEWFSTATAT = 262;
    private static final int AT_FDCWD = -100;
    /** A program that has more open keeps its map open until the second step. */
    private static final int DESCRIPTORS = 4095;

    private static final int PR_GET_MDWE = 66;
    private static final int PR_MDWE_REFUSE_EXEC_GAIN = 1;
    private static final int PR_MDWE_NO_INHERIT = 2;
    /** struct stat: device u64, inode u64 … */
    private static final int STAT_BYTES = 144;
    /** Py_file_input: statements. */
    private static final int FILE_INPUT = 257;

    private final Assembler code;
    private final PythonCalls calls;
    private final Label start = new Label();
    private final Label pendingCall = new Label();
    private final Label deactivate = new Label();
    private final Label initialise = new Label();
    private final Label set = new Label();
    private final Label done = new Label();
    private final Label payload = new Label();

    Work(Assembler code, PythonCalls calls) {
        this.code = code;
        this.calls = calls;
    }

    Label start() {
        return start;
    }

    /** The same, and then says that nothing more is to come. */
    Label pendingCall() {
        return pendingCall;
    }

    void emit() {
        code.bind(pendingCall).push(RBX).move(RBX, RDI).call(start);
        code.store32(RBX, ControlBlock.STATE, RunState.DONE.code())
                .zero(RAX)
                .pop(RBX)
                .ret();
        code.bind(start).push(RBX).push(R12).push(R13).move(RBX, RDI);
        code.store32(RBX, ControlBlock.RESULT, RunResult.COMPLETED.code());
        requireMainInterpreter();
        askEvaluator();
        activate();
        deactivate();
        switchOver();
        code.bind(done).zero(RAX).pop(R13).pop(R12).pop(RBX).ret();
        code.bind(payload).data(Payload.activation());
    }

    /** R12 is the interpreter from here on. A thread that was borrowed comes with the interpreter that it is in. */
    private void requireMainInterpreter() {
        Label main = new Label();
        code.call(calls.mainInterpreter()).move(R12, RAX).call(calls.currentInterpreter());
        code.compare(RAX, R12).jump(Condition.EQUAL, main);
        end(RunResult.OTHER_INTERPRETER);
        code.bind(main);
    }

    private void end(RunResult result) {
        code.store32(RBX, ControlBlock.RESULT, result.code()).jump(done);
    }

    /** R13 is the default evaluation function from here on, RAX the one set. */
    private void askEvaluator() {
        code.move(RDI, R12).call(calls.getEvalFrame());
        code.store(RBX, ControlBlock.BEFORE, RAX).store(RBX, ControlBlock.AFTER, RAX);
        code.move(R13, calls.evalFrameDefault());
    }

    private void activate() {
        code.compare32(RBX, ControlBlock.COMMAND, Command.ACTIVATE.code()).jump(Condition.NOT_EQUAL, deactivate);
        code.compare(RAX, R13).jump(Condition.NOT_EQUAL, done);
        requireExecutableMemory();
        code.load(RSI, RBX, ControlBlock.EVALUATOR).test(RSI).jump(Condition.EQUAL, initialise);
        closeMap();
        code.load(RSI, RBX, ControlBlock.EVALUATOR).jump(set);
        initialise();
    }

    /** A kernel older than 6.3 knows of no such thing, and answers with an error. */
    private void requireExecutableMemory() {
        Label denied = new Label();
        Label granted = new Label();
        code.move32(RAX, PRCTL)
                .move32(RDI, PR_GET_MDWE)
                .zero(RSI)
                .zero(RDX)
                .zero(R10)
                .zero(R8)
                .systemCall();
        code.compare(RAX, PR_MDWE_REFUSE_EXEC_GAIN).jump(Condition.EQUAL, denied);
        code.compare(RAX, PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT).jump(Condition.NOT_EQUAL, granted);
        code.bind(denied);
        end(RunResult.NO_EXECUTABLE_MEMORY);
        code.bind(granted);
    }

    /** The stream's close(2) goes to a number, whatever has got that since. */
    private void closeMap() {
        Label closed = new Label();
        Label elsewhere = new Label();
        Label same = new Label();
        code.load32(RDI, RBX, ControlBlock.MAP_DESCRIPTOR).test32(RDI).jump(Condition.EQUAL, closed);
        code.address(RDI, RDI, -1).address(RSP, RSP, -STAT_BYTES).address(RSI, RSP, 0);
        code.move32(RAX, FSTAT).systemCall();
        code.load(RCX, RSP, 0).load(RDX, RSP, Long.BYTES).address(RSP, RSP, STAT_BYTES);
        code.test32(RAX).jump(Condition.NOT_EQUAL, elsewhere);
        code.load(RSI, RBX, ControlBlock.MAP_DEVICE).compare(RCX, RSI).jump(Condition.NOT_EQUAL, elsewhere);
        code.load(RSI, RBX, ControlBlock.MAP_INODE).compare(RDX, RSI).jump(Condition.EQUAL, same);
        code.bind(elsewhere);
        end(RunResult.MAP_ELSEWHERE);
        code.bind(same).call(calls.closeMap());
        code.store32(RBX, ControlBlock.MAP_DESCRIPTOR, 0).store32(RBX, ControlBlock.MAP_CLOSED, 1);
        code.bind(closed);
    }

    private void initialise() {
        code.bind(initialise);
        runPayload();
        code.move(RDI, R12).call(calls.getEvalFrame()).store(RBX, ControlBlock.AFTER, RAX);
        code.compare(RAX, R13).jump(Condition.EQUAL, done).store(RBX, ControlBlock.EVALUATOR, RAX);
        code.move(RDI, R12).zero(RSI).call(calls.setEvalFrame());
        closeFreshMap();
        code.jump(done);
    }

    /**
     * The map that has just been opened, where one of the descriptors leads to it indeed. The interpreter tells nobody the number: all are
     * looked at, a tenth of a microsecond each.
     */
    private void closeFreshMap() {
        Label next = new Label();
        Label other = new Label();
        Label found = new Label();
        Label none = new Label();
        code.address(RSP, RSP, -STAT_BYTES).move(RDI, AT_FDCWD).address(RSI, RBX, ControlBlock.MAP_PATH);
        code.address(RDX, RSP, 0).zero(R10).move32(RAX, NEWFSTATAT).systemCall();
        code.test32(RAX).jump(Condition.NOT_EQUAL, none);
        code.load(RAX, RSP, 0).store(RBX, ControlBlock.MAP_DEVICE, RAX);
        code.load(RAX, RSP, Long.BYTES).store(RBX, ControlBlock.MAP_INODE, RAX).zero(R12);
        code.bind(next).move(RDI, R12).address(RSI, RSP, 0).move32(RAX, FSTAT).systemCall();
        code.address(R12, R12, 1).test32(RAX).jump(Condition.NOT_EQUAL, other);
        code.load(RAX, RSP, 0).load(RCX, RBX, ControlBlock.MAP_DEVICE).compare(RAX, RCX);
        code.jump(Condition.NOT_EQUAL, other);
        code.load(RAX, RSP, Long.BYTES).load(RCX, RBX, ControlBlock.MAP_INODE).compare(RAX, RCX);
        code.jump(Condition.EQUAL, found);
        code.bind(other)
                .move(RAX, DESCRIPTORS)
                .compare(R12, RAX)
                .jump(Condition.BELOW, next)
                .jump(none);
        code.bind(found).call(calls.closeMap()).store32(RBX, ControlBlock.MAP_CLOSED, 1);
        code.bind(none).address(RSP, RSP, STAT_BYTES);
    }

    /** An exception that the thread is carrying is put aside: code may not run with one set. To put it back drops the payload's own. */
    private void runPayload() {
        Label ended = new Label();
        code.call(calls.takeException()).push(RAX).push(RAX);
        code.call(calls.newDict()).push(RAX).push(RAX).test(RAX).jump(Condition.EQUAL, ended);
        code.address(RDI, payload).move32(RSI, FILE_INPUT).move(RDX, RAX).move(RCX, RAX);
        code.zero(R8).call(calls.runString()).move(RDI, RAX).call(calls.dropReference());
        code.bind(ended);
        sayWhatThePayloadMet();
        code.pop(RDI).pop(RDI).call(calls.dropReference());
        code.pop(RDI).pop(RDI).call(calls.restoreException());
    }

    private void sayWhatThePayloadMet() {
        Label other = new Label();
        code.move(RDI, calls.encodeError()).load(RDI, RDI, 0).call(calls.exceptionMatches());
        code.test32(RAX).jump(Condition.EQUAL, other);
        code.store32(RBX, ControlBlock.RESULT, RunResult.UNDECODABLE_NAMES.code())
                .bind(other);
    }

    private void deactivate() {
        Label known = new Label();
        code.bind(deactivate).compare32(RBX, ControlBlock.COMMAND, Command.DEACTIVATE.code());
        code.jump(Condition.NOT_EQUAL, done).compare(RAX, R13).jump(Condition.EQUAL, done);
        code.load(RCX, RBX, ControlBlock.EVALUATOR).test(RCX).jump(Condition.EQUAL, known);
        code.compare(RCX, RAX).jump(Condition.NOT_EQUAL, done);
        code.bind(known).store(RBX, ControlBlock.EVALUATOR, RAX).zero(RSI);
    }

    private void switchOver() {
        code.bind(set).move(RDI, R12).call(calls.setEvalFrame());
        code.move(RDI, R12).call(calls.getEvalFrame()).store(RBX, ControlBlock.AFTER, RAX);
    }
}
