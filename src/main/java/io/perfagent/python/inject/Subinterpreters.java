package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * The subinterpreters of a process, seen from outside. They come and go meanwhile: what has gone is not counted.
 *
 * @param count how many there are
 * @param switched how many of them have an evaluation function other than the default
 */
public record Subinterpreters(int count, int switched) {
    private static final int MOST = 1 << 10;

    /** Of one whose lists cannot be followed it finds none. */
    public static Subinterpreters read(Interpreter interpreter, Architecture architecture, ProcessMemory memory) {
        PythonCalls calls = interpreter.calls();
        Set<Long> seen = new HashSet<>();
        int switched = 0;
        try {
            long main = architecture.getter(memory, calls.mainInterpreter(), 0).orElse(0);
            long next = architecture
                    .getter(memory, interpreter.threadLists().interpreters(), 0)
                    .orElse(0);
            while (next != 0 && seen.size() < MOST && seen.add(next)) {
                long evaluator =
                        architecture.getter(memory, calls.getEvalFrame(), next).orElse(calls.evalFrameDefault());
                switched += next != main && evaluator != calls.evalFrameDefault() ? 1 : 0;
                next = architecture
                        .getter(memory, interpreter.threadLists().nextInterpreter(), next)
                        .orElse(0);
            }
        } catch (IOException _) {
            // what was next is gone
        }
        return new Subinterpreters(Math.max(0, seen.size() - 1), switched);
    }
}
