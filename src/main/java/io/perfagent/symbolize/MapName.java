package io.perfagent.symbolize;

import io.perfagent.model.Frame;

/**
 * A perf map's name as a frame. CPython writes {@code py::<qualname>:<file>}; a qualified name is made of identifiers, dots
 * and words in angle brackets, never of colons, while a file name may hold them: the first colon ends the function.
 */
final class MapName {
    private static final String PYTHON = "py::";

    private MapName() {}

    static Frame frame(long address, String name) {
        int colon = name.startsWith(PYTHON) ? name.indexOf(':', PYTHON.length() + 1) : -1;
        if (colon < 0) {
            return new Frame(Frame.Kind.NATIVE, address, null, name, "");
        }
        return new Frame(Frame.Kind.PYTHON, address, null, name.substring(0, colon), name.substring(colon + 1));
    }
}
