package io.perfagent.python.inject.aarch64;

import static io.perfagent.python.inject.aarch64.Register.SP;
import static io.perfagent.python.inject.aarch64.Register.X0;
import static io.perfagent.python.inject.aarch64.Register.X1;
import static io.perfagent.python.inject.aarch64.Register.X19;
import static io.perfagent.python.inject.aarch64.Register.X2;
import static io.perfagent.python.inject.aarch64.Register.X20;
import static io.perfagent.python.inject.aarch64.Register.X21;
import static io.perfagent.python.inject.aarch64.Register.X29;
import static io.perfagent.python.inject.aarch64.Register.X30;

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
 *   before = after = GetEvalFrameFunc(Main())
 *   ACTIVATE, before is the default:  evaluator known ? SetEvalFrameFunc(evaluator) : PyRun_SimpleString(…)
 *   DEACTIVATE, before is not, and is the evaluator if that is known:  evaluator = before; SetEvalFrameFunc(NULL)
 *   after = GetEvalFrameFunc(Main())
 *
 *   its stack:  0 x29 x30 │ 16 x19 x20 │ 32 x21 │ 40 exception of the thread
 * </pre>
 */
final class Work {
    private static final int FRAME = 48;
    private static final int SAVED_PAIR = 16;
    private static final int SAVED_LAST = 32;
    private static final int EXCEPTION = 40;

    private final Assembler code;
    private final PythonCalls calls;
    private final Label start = new Label();
    private final Label pendingCall = new Label();
    private final Label deactivate = new Label();
    private final Label set = new Label();
    private final Label look = new Label();
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
        askEvaluator();
        activate();
        deactivate();
        switchOver();
        code.move(X0, RunResult.COMPLETED.code()).store32(X19, ControlBlock.RESULT, X0);
        code.move(X0, 0).load(X21, SP, SAVED_LAST).loadPair(X19, X20, SP, SAVED_PAIR);
        code.popPair(X29, X30, FRAME).ret();
        code.bind(payload).data(Payload.activation());
    }

    /** Says how far it has come, in the block at X19, to one that looks from another processor. */
    static void publish(Assembler code, RunState state) {
        code.add(X1, X19, ControlBlock.STATE).move(X0, state.code()).storeRelease32(X1, X0);
    }

    /** X20 is the interpreter from here on, X21 the default evaluation function, X0 the one set. */
    private void askEvaluator() {
        code.call(calls.mainInterpreter()).move(X20, X0).call(calls.getEvalFrame());
        code.store(X19, ControlBlock.BEFORE, X0).store(X19, ControlBlock.AFTER, X0);
        code.load(X21, calls.evalFrameDefault());
    }

    private void activate() {
        code.load32(X1, X19, ControlBlock.COMMAND).compare(X1, Command.ACTIVATE.code());
        code.jump(Condition.NOT_EQUAL, deactivate);
        code.compare(X0, X21).jump(Condition.NOT_EQUAL, done);
        code.load(X1, X19, ControlBlock.EVALUATOR).compare(X1, 0).jump(Condition.NOT_EQUAL, set);
        runPayload();
        code.jump(look);
    }

    /** An exception that the thread is carrying is put aside: code may not run with one set. */
    private void runPayload() {
        code.call(calls.takeException()).store(SP, EXCEPTION, X0);
        code.address(X0, payload).call(calls.runSimpleString());
        code.load(X0, SP, EXCEPTION).call(calls.restoreException());
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
        code.bind(look).move(X0, X20).call(calls.getEvalFrame());
        code.store(X19, ControlBlock.AFTER, X0).compare(X0, X21).jump(Condition.EQUAL, done);
        code.store(X19, ControlBlock.EVALUATOR, X0).bind(done);
    }
}
