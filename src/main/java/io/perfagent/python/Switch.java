package io.perfagent.python;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Command;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Injection;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.python.inject.Route;
import java.io.IOException;

/**
 * Decides which command a process gets. Initialising the trampoline a second time crashes several versions, so what is
 * found in the process comes first:
 *
 * <pre>
 *   own record with an evaluation function   → guard the map where it is not guarded, switch with that
 *   no such record, no trampolines           → initialise, guard the map, switch
 *   no such record, but trampolines          → look: on is "already on"; off was switched off by somebody else: refuse
 *   record copied by fork                    → look: on is "already on", and the record is the child's own from now on;
 *                                              off: initialise again or refuse, by version
 * </pre>
 */
final class Switch {
    private final Interpreter interpreter;
    private final Injection injection;
    private final Architecture architecture;
    private final ActivationGates gates;

    Switch(Interpreter interpreter, Injection injection, Architecture architecture, ActivationGates gates) {
        this.interpreter = interpreter;
        this.injection = injection;
        this.architecture = architecture;
        this.gates = gates;
    }

    ActivationResult on() throws IOException, RefusedException {
        injection.requireAllowed(Command.ACTIVATE);
        boolean used = hasTrampolines();
        if (injection.inherited()) {
            return onInChild();
        }
        if (injection.evaluatorOnRecord() == 0 && used) {
            return onlyIfAlready(injection.run(Command.LOOK));
        }
        return switchedOn(used);
    }

    DeactivationResult off() throws IOException, RefusedException {
        if (injection.inherited()) {
            if (!isOn(injection.look())) {
                return new DeactivationResult.AlreadyOff();
            }
            injection.adopt(true);
        } else if (injection.evaluatorOnRecord() == 0 && !hasTrampolines()) {
            return new DeactivationResult.AlreadyOff();
        }
        if (injection.evaluatorOnRecord() == 0) {
            gates.checkPerfJit(interpreter.pid());
        }
        DeactivationResult result = deactivated(injection.run(Command.DEACTIVATE));
        if (result instanceof DeactivationResult.Deactivated) {
            injection.forgetMap();
        }
        return result;
    }

    /** CPython initialises the trampoline in a child if it was on when the parent forked, and otherwise puts it away. */
    private ActivationResult onInChild() throws IOException, RefusedException {
        boolean initialised = injection.evaluatorOnRecord() != 0;
        boolean on = isOn(injection.look());
        if (!on && initialised && !ActivationGates.childrenMayInitialise(interpreter.minor(), interpreter.micro())) {
            throw new RefusedException(
                    InjectRefusal.REACTIVATION_UNSAFE, "the trampoline was on in the parent, and off when it forked");
        }
        injection.adopt(on);
        return on ? new ActivationResult.AlreadyOn() : switchedOn(hasTrampolines());
    }

    /** With the map guarded before the first function can be called through the trampoline. */
    private ActivationResult switchedOn(boolean used) throws IOException, RefusedException {
        boolean initialise = injection.evaluatorOnRecord() == 0;
        boolean asked = false;
        if (initialise) {
            injection.nameMap();
            Injection.Answer answer = injection.run(Command.ACTIVATE);
            if (isOn(answer)) {
                return alreadyOn(answer, used);
            }
            requireEvaluator(answer);
            asked = answer.route()
                    == Route.REMOTE_DEBUGGING; // the thread that it has started may serve the second step
        } else if (!injection.mapGuarded()) {
            Injection.Answer answer = injection.run(Command.LOOK);
            if (isOn(answer)) {
                return alreadyOn(answer, used);
            }
        }
        injection.guardMap(initialise);
        Injection.Answer answer = injection.run(Command.ACTIVATE);
        if (isOn(answer)) {
            return alreadyOn(answer, used);
        }
        requireEvaluator(answer);
        return new ActivationResult.Activated(asked ? Route.REMOTE_DEBUGGING : answer.route());
    }

    private ActivationResult alreadyOn(Injection.Answer answer, boolean used) throws RefusedException {
        if (!used) {
            String function = "0x" + Long.toHexString(answer.before());
            throw new RefusedException(
                    InjectRefusal.FOREIGN_EVAL_FRAME, "an evaluation function at " + function + " is set");
        }
        return new ActivationResult.AlreadyOn();
    }

    private void requireEvaluator(Injection.Answer answer) throws RefusedException {
        if (answer.after() == interpreter.calls().evalFrameDefault()) {
            throw ActivationGates.notSwitchedOn(interpreter);
        }
    }

    private ActivationResult onlyIfAlready(Injection.Answer answer) throws RefusedException {
        if (!isOn(answer)) {
            throw new RefusedException(
                    InjectRefusal.REACTIVATION_UNSAFE, "the trampoline has been on before and was switched off");
        }
        return new ActivationResult.AlreadyOn();
    }

    private DeactivationResult deactivated(Injection.Answer answer) throws RefusedException {
        if (answer.after() != interpreter.calls().evalFrameDefault()) {
            throw new RefusedException(InjectRefusal.FOREIGN_EVAL_FRAME, "another evaluation function is set");
        }
        return isOn(answer) ? new DeactivationResult.Deactivated(answer.route()) : new DeactivationResult.AlreadyOff();
    }

    private boolean isOn(Injection.Answer answer) {
        return answer.before() != interpreter.calls().evalFrameDefault();
    }

    private boolean hasTrampolines() throws IOException {
        try (ProcessMemory memory = ProcessMemory.view(interpreter.pid())) {
            return Trampolines.present(ProcMaps.read(interpreter.pid()), memory, architecture);
        }
    }
}
