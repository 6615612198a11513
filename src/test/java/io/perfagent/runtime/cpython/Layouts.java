package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;

/** Layouts of targets that run, and tags of their code. */
final class Layouts {
    private Layouts() {}

    static PythonLayout of(Interpreter interpreter, long runtime, PythonTalk target) {
        LayoutResult result = PythonLayout.of(interpreter.part(1), runtime, target.memory());
        assertThat(result).as(interpreter.toString()).isInstanceOf(PythonLayout.class);
        return (PythonLayout) result;
    }

    /** What the list of interpreters hangs from, where {@code python_memory.py} said that the interpreter's state is. */
    static long interpreters(PythonLayout layout, long runtime, PythonTalk target) {
        return layout.minor() == 6
                ? InterpreterHead.find(runtime, target.memory()).orElseThrow()
                : runtime;
    }

    static int tag(CodeObjects codes, long address) {
        try {
            return codes.tag(address);
        } catch (MissedException e) {
            throw new AssertionError(e);
        }
    }
}
