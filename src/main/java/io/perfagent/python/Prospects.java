package io.perfagent.python;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.SeccompModes;
import io.perfagent.python.inject.ActivationRecord;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.ExpectedRoute;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.InterpreterState;
import io.perfagent.python.inject.RefusedException;
import io.perfagent.python.inject.Subinterpreters;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/**
 * Foretells from memory what {@link Switch} would find and decide. What cannot be told stays open: the first safe call finds it then.
 */
final class Prospects {
    private final Interpreter interpreter;
    private final List<Mapping> mappings;
    private final InterpreterState state;
    private final ActivationRecord record;
    private final boolean trampolines;
    private final Subinterpreters subinterpreters;

    private Prospects(Interpreter interpreter, Architecture architecture, ProcessMemory memory)
            throws IOException, RefusedException {
        this.interpreter = interpreter;
        this.mappings = ProcMaps.read(interpreter.pid());
        this.state = InterpreterState.read(interpreter.calls(), architecture, memory);
        this.record = ActivationRecord.read(interpreter, memory, mappings);
        this.trampolines = Trampolines.present(mappings, memory, architecture);
        this.subinterpreters = Subinterpreters.read(interpreter, architecture, memory);
    }

    static Outlook of(Interpreter interpreter, Architecture architecture, CompiledPrograms compiled)
            throws IOException, RefusedException {
        Prospects prospects;
        try (ProcessMemory memory = ProcessMemory.view(interpreter.pid())) {
            prospects = new Prospects(interpreter, architecture, memory);
        }
        prospects.checkAlive();
        TrampolineState trampoline = prospects.trampoline();
        prospects.checkReactivation(trampoline);
        boolean filtered = !SeccompModes.read(interpreter.pid()).isEmpty();
        return new Outlook(
                trampoline,
                prospects.record.evaluator() != 0,
                prospects.subinterpreters,
                compiled.runs(interpreter.pid(), prospects.mappings),
                filtered,
                ExpectedRoute.of(interpreter, architecture));
    }

    private void checkAlive() throws RefusedException {
        if (state.finalizing().orElse(0) != 0) {
            throw new RefusedException(InjectRefusal.FINALIZING, "the interpreter is shutting down");
        }
        if (state.initialized().orElse(1) == 0) {
            throw new RefusedException(
                    InjectRefusal.NOT_INITIALIZED, "the interpreter has not come up, or has gone already");
        }
    }

    private TrampolineState trampoline() throws RefusedException {
        OptionalLong evaluator = state.evaluator();
        if (evaluator.isEmpty()) {
            return TrampolineState.UNKNOWN;
        }
        long function = evaluator.getAsLong();
        if (function == interpreter.calls().evalFrameDefault()) {
            return TrampolineState.OFF;
        }
        if (!trampolines || !isInterpreters(function)) {
            throw new RefusedException(
                    InjectRefusal.FOREIGN_EVAL_FRAME,
                    "an evaluation function at 0x" + Long.toHexString(function) + where(function) + " is set");
        }
        return TrampolineState.ON;
    }

    /** CPython's own function for the trampoline is in the file that holds the interpreter. */
    private boolean isInterpreters(long function) {
        return mappings.stream()
                .anyMatch(mapping -> mapping.contains(function)
                        && mapping.file().equals(interpreter.file().file()));
    }

    private String where(long function) {
        return mappings.stream()
                .filter(mapping -> mapping.contains(function) && mapping.isFile())
                .map(mapping -> " in " + mapping.path())
                .findFirst()
                .orElse("");
    }

    private void checkReactivation(TrampolineState trampoline) throws RefusedException {
        if (trampoline != TrampolineState.OFF) {
            return;
        }
        if (record.evaluator() == 0 && trampolines && !record.inherited()) {
            throw new RefusedException(
                    InjectRefusal.REACTIVATION_UNSAFE, "the trampoline has been on before and was switched off");
        }
        if (record.evaluator() != 0
                && record.inherited()
                && !ActivationGates.childrenMayInitialise(interpreter.minor(), interpreter.micro())) {
            throw new RefusedException(
                    InjectRefusal.REACTIVATION_UNSAFE, "the trampoline was on in the parent, and off when it forked");
        }
    }
}
