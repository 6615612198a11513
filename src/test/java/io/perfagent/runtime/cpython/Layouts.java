package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Interpreter;
import io.perfagent.walker.TargetBinaries;
import java.io.IOException;
import java.util.Objects;

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

    /** Runtime address of the counter that says how long tags hold, as the kernel side finds it; 0 where there is none. */
    static long counter(PythonTalk target) throws IOException, MissedException {
        Mapping file = Pythons.candidate(target.pid(), ProcMaps.readExecutable(target.pid()));
        PythonResult python = new Interpreters(new TargetBinaries()).of(target.pid(), Objects.requireNonNull(file));
        CPythonEntry entry = ((Python) Objects.requireNonNull(python)).entry();
        int inInterpreter = entry.counter().inInterpreter();
        return inInterpreter == 0
                ? entry.counter().address()
                : new PythonMemory(target.memory()).word(entry.interpreters()) + inInterpreter;
    }

    static int number(long address, PythonTalk target) throws MissedException {
        return new PythonMemory(target.memory()).read(address, Integer.BYTES).getInt(0);
    }
}
