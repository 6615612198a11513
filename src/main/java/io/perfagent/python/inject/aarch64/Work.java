package io.perfagent.python.inject.aarch64;

import static io.perfagent.python.inject.aarch64.Register.SP;
import static io.perfagent.python.inject.aarch64.Register.X0;
import static io.perfagent.python.inject.aarch64.Register.X1;
import static io.perfagent.python.inject.aarch64.Register.X19;
import static io.perfagent.python.inject.aarch64.Register.X2;
import static io.perfagent.python.inject.aarch64.Register.X20;
import static io.perfagent.python.inject.aarch64.Register.X21;
import static io.perfagent.python.inject.aarch64.Register.X29;
import static io.perfagent.python.inject.aarch64.Register.X3;
import static io.perfagent.python.inject.aarch64.Register.X30;
import static io.perfagent.python.inject.aarch64.Register.X4;
import static io.perfagent.python.inject.aarch64.Register.X8;

import io.perfagent.python.inject.Command;
import io.perfagent.python.inject.ControlBlock;
import io.perfagent.python.inject.Payload;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.RunResult;
import io.perfagent.python.inject.RunState;
import io.perfagent.python.inject.aarch64.Assembler.Label;

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
 *
 *   its stack:  0 x29 x30 │ 16 x19 x20 │ 32 x21 │ 40 exception of the thread │ 48 struct stat, or the payload's names
 * </pre>
 */
final class Work {
    private static final int FRAME = 176;
    private static final int SAVED_PAIR = 16;
    private static final int SAVED_LAST = 32;
    private static final int EXCEPTION = 40;
    /** struct stat: device u64, inode u64 …, 128 bytes. */
    private static final int STAT = 48;

    private static final int NAMES = STAT;
    /** Py_file_input: statements. */
    private static final int FILE_INPUT = 257;

    private static final int FSTAT = 80;
    private static final int PRCTL = 167;
    private static final int NEWFSTATAT = 79;
    private static final int AT_FDCWD = -100;
    /** A program that has more open keeps its map open until the second step. */
    private static final int DESCRIPTORS = 4095;

    private static final int PR_GET_MDWE = 66;
    private static final int PR_MDWE_REFUSE_EXEC_GAIN = 1;
    private static final int PR_MDWE_NO_INHERIT = 2;

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
        code.bind(pendingCall).landingPad().pushPair(X29, X30, FRAME).add(X29, SP, 0);
        code.store(SP, SAVED_PAIR, X19).move(X19, X0).call(start);
        publish(code, RunState.DONE);
        code.move(X0, 0).load(X19, SP, SAVED_PAIR).popPair(X29, X30, FRAME).ret();
        code.bind(start).pushPair(X29, X30, FRAME).add(X29, SP, 0);
        code.storePair(SP, SAVED_PAIR, X19, X20).store(SP, SAVED_LAST, X21).move(X19, X0);
        code.move(X0, RunResult.COMPLETED.code()).store32(X19, ControlBlock.RESULT, X0);
        requireMainInterpreter();
        askEvaluator();
        activate();
        deactivate();
        switchOver();
        code.bind(done).move(X0, 0).load(X21, SP, SAVED_LAST).loadPair(X19, X20, SP, SAVED_PAIR);
        code.popPair(X29, X30, FRAME).ret();
        code.bind(payload).data(Payload.activation());
    }

    /** Says how far it has come, in the block at X19, to one that looks from another processor. */
    static void publish(Assembler code, RunState state) {
        code.add(X1, X19, ControlBlock.STATE).move(X0, state.code()).storeRelease32(X1, X0);
    }

    /** X20 is the interpreter from here on. A thread that was borrowed comes with the interpreter that it is in. */
    private void requireMainInterpreter() {
        Label main = new Label();
        code.call(calls.mainInterpreter()).move(X20, X0).call(calls.currentInterpreter());
        code.compare(X0, X20).jump(Condition.EQUAL, main);
        end(RunResult.OTHER_INTERPRETER);
        code.bind(main);
    }

    private void end(RunResult result) {
        code.move(X0, result.code()).store32(X19, ControlBlock.RESULT, X0).jump(done);
    }

    /** X21 is the default evaluation function from here on, X0 the one set. */
    private void askEvaluator() {
        code.move(X0, X20).call(calls.getEvalFrame());
        code.store(X19, ControlBlock.BEFORE, X0).store(X19, ControlBlock.AFTER, X0);
        code.load(X21, calls.evalFrameDefault());
    }

    private void activate() {
        code.load32(X1, X19, ControlBlock.COMMAND).compare(X1, Command.ACTIVATE.code());
        code.jump(Condition.NOT_EQUAL, deactivate);
        code.compare(X0, X21).jump(Condition.NOT_EQUAL, done);
        requireExecutableMemory();
        code.load(X1, X19, ControlBlock.EVALUATOR).jumpIfZero(X1, initialise);
        closeMap();
        code.load(X1, X19, ControlBlock.EVALUATOR).jump(set);
        initialise();
    }

    /** A kernel older than 6.3 knows of no such thing, and answers with an error. */
    private void requireExecutableMemory() {
        Label denied = new Label();
        Label granted = new Label();
        code.move(X0, PR_GET_MDWE).move(X1, 0).move(X2, 0).move(X3, 0).move(X4, 0);
        code.move(X8, PRCTL).systemCall();
        code.compare(X0, PR_MDWE_REFUSE_EXEC_GAIN).jump(Condition.EQUAL, denied);
        code.compare(X0, PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT).jump(Condition.NOT_EQUAL, granted);
        code.bind(denied);
        end(RunResult.NO_EXECUTABLE_MEMORY);
        code.bind(granted);
    }

    /** The stream's close(2) goes to a number, whatever has got that since. */
    private void closeMap() {
        Label closed = new Label();
        Label elsewhere = new Label();
        Label same = new Label();
        code.load32(X0, X19, ControlBlock.MAP_DESCRIPTOR).jumpIfZero32(X0, closed);
        code.subtract(X0, X0, 1).add(X1, SP, STAT).move(X8, FSTAT).systemCall().jumpIfNotZero32(X0, elsewhere);
        code.load(X0, SP, STAT).load(X1, X19, ControlBlock.MAP_DEVICE).compare(X0, X1);
        code.jump(Condition.NOT_EQUAL, elsewhere);
        code.load(X0, SP, STAT + Long.BYTES)
                .load(X1, X19, ControlBlock.MAP_INODE)
                .compare(X0, X1);
        code.jump(Condition.EQUAL, same).bind(elsewhere);
        end(RunResult.MAP_ELSEWHERE);
        code.bind(same).call(calls.closeMap()).move(X0, 0).store32(X19, ControlBlock.MAP_DESCRIPTOR, X0);
        code.move(X0, 1).store32(X19, ControlBlock.MAP_CLOSED, X0).bind(closed);
    }

    private void initialise() {
        code.bind(initialise);
        runPayload();
        code.move(X0, X20).call(calls.getEvalFrame()).store(X19, ControlBlock.AFTER, X0);
        code.compare(X0, X21).jump(Condition.EQUAL, done).store(X19, ControlBlock.EVALUATOR, X0);
        code.move(X0, X20).move(X1, 0).call(calls.setEvalFrame());
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
        code.move(X0, AT_FDCWD)
                .add(X1, X19, ControlBlock.MAP_PATH)
                .add(X2, SP, STAT)
                .move(X3, 0);
        code.move(X8, NEWFSTATAT).systemCall().jumpIfNotZero32(X0, none);
        code.load(X0, SP, STAT).store(X19, ControlBlock.MAP_DEVICE, X0);
        code.load(X0, SP, STAT + Long.BYTES)
                .store(X19, ControlBlock.MAP_INODE, X0)
                .move(X21, 0);
        code.bind(next).move(X0, X21).add(X1, SP, STAT).move(X8, FSTAT).systemCall();
        code.add(X21, X21, 1).jumpIfNotZero32(X0, other);
        code.load(X0, SP, STAT).load(X1, X19, ControlBlock.MAP_DEVICE).compare(X0, X1);
        code.jump(Condition.NOT_EQUAL, other);
        code.load(X0, SP, STAT + Long.BYTES)
                .load(X1, X19, ControlBlock.MAP_INODE)
                .compare(X0, X1);
        code.jump(Condition.EQUAL, found);
        code.bind(other).compare(X21, DESCRIPTORS).jump(Condition.BELOW, next).jump(none);
        code.bind(found).call(calls.closeMap()).move(X0, 1).store32(X19, ControlBlock.MAP_CLOSED, X0);
        code.bind(none);
    }

    /** An exception that the thread is carrying is put aside: code may not run with one set. To put it back drops the payload's own. */
    private void runPayload() {
        Label ended = new Label();
        code.call(calls.takeException()).store(SP, EXCEPTION, X0);
        code.call(calls.newDict()).store(SP, NAMES, X0).jumpIfZero(X0, ended);
        code.move(X2, X0).move(X3, X0).address(X0, payload).move(X1, FILE_INPUT).move(X4, 0);
        code.call(calls.runString()).call(calls.dropReference());
        code.bind(ended);
        sayWhatThePayloadMet();
        code.load(X0, SP, NAMES).call(calls.dropReference());
        code.load(X0, SP, EXCEPTION).call(calls.restoreException());
    }

    private void sayWhatThePayloadMet() {
        Label other = new Label();
        code.load(X0, calls.encodeError()).load(X0, X0, 0).call(calls.exceptionMatches());
        code.jumpIfZero32(X0, other).move(X0, RunResult.UNDECODABLE_NAMES.code());
        code.store32(X19, ControlBlock.RESULT, X0).bind(other);
    }

    private void deactivate() {
        Label known = new Label();
        code.bind(deactivate).compare(X1, Command.DEACTIVATE.code()).jump(Condition.NOT_EQUAL, done);
        code.compare(X0, X21).jump(Condition.EQUAL, done);
        code.load(X2, X19, ControlBlock.EVALUATOR).jumpIfZero(X2, known);
        code.compare(X2, X0).jump(Condition.NOT_EQUAL, done);
        code.bind(known).store(X19, ControlBlock.EVALUATOR, X0).move(X1, 0);
    }

    private void switchOver() {
        code.bind(set).move(X0, X20).call(calls.setEvalFrame());
        code.move(X0, X20).call(calls.getEvalFrame()).store(X19, ControlBlock.AFTER, X0);
    }
}
