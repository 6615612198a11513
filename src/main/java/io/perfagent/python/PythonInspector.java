package io.perfagent.python;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.io.IOException;

/**
 * Looks at processes without touching them: reads /proc, the files that they map and their memory; opens nothing for writing, attaches
 * to nothing, stops nothing. Safe for use by several threads.
 */
public final class PythonInspector {
    private final Architecture architecture;
    private final ActivationGates gates;
    private final InterpreterFiles files = new InterpreterFiles();
    private final CompiledPrograms compiled = new CompiledPrograms();

    public PythonInspector() {
        this(HostArchitecture.current(), ActivationGates.all());
    }

    PythonInspector(Architecture architecture, ActivationGates gates) {
        this.architecture = architecture;
        this.gates = gates;
    }

    /** What can be told of a process. */
    public Inspection inspect(int pid) {
        Detection detection = new Detection(pid, architecture, files);
        Verdict verdict = verdict(pid, detection);
        return new Inspection(verdict, detection.build());
    }

    /** The interpreter, whatever speaks against switching its trampoline on. */
    Interpreter find(int pid) throws IOException, RefusedException {
        return new Detection(pid, architecture, files).find();
    }

    private Verdict verdict(int pid, Detection detection) {
        try {
            return require(detection);
        } catch (RefusedException e) {
            return new Verdict.Refused(e.refusal(), e.detail());
        } catch (IOException e) {
            RefusedException refused = Refusals.of(pid, e);
            return new Verdict.Refused(refused.refusal(), refused.detail());
        }
    }

    private Verdict.Candidate require(Detection detection) throws IOException, RefusedException {
        Interpreter interpreter = detection.find();
        ActivationGates.checkVersion(interpreter);
        TraceAccess.check(interpreter.pid());
        Outlook outlook = Prospects.of(interpreter, architecture, compiled);
        if (outlook.trampoline() != TrampolineState.OFF && !outlook.onRecord()) {
            gates.checkPerfJit(interpreter.pid());
        }
        if (outlook.trampoline() != TrampolineState.ON) {
            gates.checkProcess(interpreter, architecture);
        }
        return new Verdict.Candidate(interpreter, outlook);
    }
}
