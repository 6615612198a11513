package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.model.CodeMemory;
import java.util.List;
import java.util.Map;

/**
 * The CPython of a process.
 *
 * @param layout of its objects
 * @param entry what the kernel side is told of it
 * @param types runtime addresses of built-in types, as far as they are known
 * @param evaluation runtime addresses of the function that evaluates frames, where its file has its name; else empty
 * @param gil where it says which thread has the GIL
 */
record Python(
        PythonLayout layout, CPythonEntry entry, Map<BuiltinType, Long> types, List<CodeRange> evaluation, Gil gil)
        implements PythonResult {
    CodeObjects codeObjects(CodeMemory memory) {
        return new CodeObjects(layout, memory, types);
    }

    /** Whether nothing but their number tells which call of the evaluation function a frame belongs to. */
    boolean counted() {
        return entry.shape() == CPythonEntry.Shape.COUNTED;
    }

    boolean evaluates(long address) {
        for (CodeRange range : evaluation) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }
}
