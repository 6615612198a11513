package io.perfagent.python.inject.x86_64;

import static io.perfagent.python.inject.x86_64.Register.R12;
import static io.perfagent.python.inject.x86_64.Register.R13;
import static io.perfagent.python.inject.x86_64.Register.RAX;
import static io.perfagent.python.inject.x86_64.Register.RBX;
import static io.perfagent.python.inject.x86_64.Register.RCX;
import static io.perfagent.python.inject.x86_64.Register.RDI;
import static io.perfagent.python.inject.x86_64.Register.RSI;

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
 *   before = after = GetEvalFrameFunc(Main())
 *   ACTIVATE, before is the default:  evaluator known ? SetEvalFrameFunc(evaluator) : PyRun_SimpleString(…)
 *   DEACTIVATE, before is not, and is the evaluator if that is known:  evaluator = before; SetEvalFrameFunc(NULL)
 *   after = GetEvalFrameFunc(Main())
 * </pre>
 */
final class Work {
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
        code.bind(pendingCall).push(RBX).move(RBX, RDI).call(start);
        code.store32(RBX, ControlBlock.STATE, RunState.DONE.code())
                .zero(RAX)
                .pop(RBX)
                .ret();
        code.bind(start).push(RBX).push(R12).push(R13).move(RBX, RDI);
        askEvaluator();
        activate();
        deactivate();
        switchOver();
        code.store32(RBX, ControlBlock.RESULT, RunResult.COMPLETED.code());
        code.zero(RAX).pop(R13).pop(R12).pop(RBX).ret();
        code.bind(payload).data(Payload.activation());
    }

    /** R12 is the interpreter from here on, R13 the default evaluation function, RAX the one set. */
    private void askEvaluator() {
        code.call(calls.mainInterpreter()).move(R12, RAX).move(RDI, R12).call(calls.getEvalFrame());
        code.store(RBX, ControlBlock.BEFORE, RAX).store(RBX, ControlBlock.AFTER, RAX);
        code.move(R13, calls.evalFrameDefault());
    }

    private void activate() {
        code.compare32(RBX, ControlBlock.COMMAND, Command.ACTIVATE.code()).jump(Condition.NOT_EQUAL, deactivate);
        code.compare(RAX, R13).jump(Condition.NOT_EQUAL, done);
        code.load(RSI, RBX, ControlBlock.EVALUATOR).test(RSI).jump(Condition.NOT_EQUAL, set);
        runPayload();
        code.jump(look);
    }

    /** An exception that the thread is carrying is put aside: code may not run with one set. */
    private void runPayload() {
        code.call(calls.takeException()).push(RAX).push(RAX);
        code.address(RDI, payload).call(calls.runSimpleString());
        code.pop(RDI).pop(RDI).call(calls.restoreException());
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
        code.bind(look).move(RDI, R12).call(calls.getEvalFrame());
        code.store(RBX, ControlBlock.AFTER, RAX).compare(RAX, R13).jump(Condition.EQUAL, done);
        code.store(RBX, ControlBlock.EVALUATOR, RAX).bind(done);
    }
}
