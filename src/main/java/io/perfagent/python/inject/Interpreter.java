package io.perfagent.python.inject;

import io.perfagent.model.Mapping;
import java.util.List;

/**
 * A CPython in a running process.
 *
 * @param pid host PID
 * @param startTime of the process, clock ticks after boot
 * @param file an executable mapping of the file that holds the interpreter
 * @param version {@code Py_Version}: 0x030c01f0 is 3.12.1 final
 * @param calls addresses of its functions
 * @param threadLists addresses of those that walk its threads
 * @param evaluationLoop the parts of {@code _PyEval_EvalFrameDefault}
 * @param runtime {@code _PyRuntime}, which holds the GIL; empty where the symbol does not say
 * @param jit whether it was built with a JIT, which keeps the trampoline off where it is on
 */
public record Interpreter(
        int pid,
        long startTime,
        Mapping file,
        int version,
        PythonCalls calls,
        ThreadListCalls threadLists,
        List<AddressRange> evaluationLoop,
        AddressRange runtime,
        boolean jit) {

    public int minor() {
        return version >>> 16 & 0xff;
    }

    public int micro() {
        return version >>> 8 & 0xff;
    }

    public String versionText() {
        return (version >>> 24) + "." + minor() + "." + micro();
    }

    /** Whether a program counter lies in the evaluation loop, which holds no lock of anything that it calls. */
    boolean evaluates(long programCounter) {
        for (AddressRange part : evaluationLoop) {
            if (part.contains(programCounter)) {
                return true;
            }
        }
        return false;
    }
}
