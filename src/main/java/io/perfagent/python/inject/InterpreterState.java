package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * What an interpreter would say of itself, read from outside. Each part can be unknown.
 *
 * @param initialized {@code Py_IsInitialized()}: 0 before the interpreter is up and after it has gone
 * @param finalizing {@code Py_IsFinalizing()}
 * @param evaluator {@code _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState_Main())}
 */
public record InterpreterState(OptionalLong initialized, OptionalLong finalizing, OptionalLong evaluator) {
    /** Stops nothing; a target that changes at this very moment is seen before or after. */
    public static InterpreterState read(PythonCalls calls, Architecture architecture, ProcessMemory memory) {
        OptionalLong main = call(architecture, memory, calls.mainInterpreter(), 0);
        return new InterpreterState(
                call(architecture, memory, calls.isInitialized(), 0),
                call(architecture, memory, calls.isFinalizing(), 0),
                main.orElse(0) == 0
                        ? OptionalLong.empty()
                        : call(architecture, memory, calls.getEvalFrame(), main.getAsLong()));
    }

    /** Memory that cannot be read leaves the answer open. */
    private static OptionalLong call(Architecture architecture, ProcessMemory memory, long function, long argument) {
        try {
            return architecture.getter(memory, function, argument);
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }
}
