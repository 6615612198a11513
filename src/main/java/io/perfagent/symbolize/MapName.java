package io.perfagent.symbolize;

import io.perfagent.model.Call;
import io.perfagent.model.Location;

/**
 * A perf map's name as a location. CPython writes {@code py::<qualname>:<file>}; a qualified name is made of identifiers, dots
 * and words in angle brackets, never of colons, while a file name may hold them: the first colon ends the function.
 */
final class MapName {
    private static final String PYTHON = "py::";

    private MapName() {}

    static Location location(long address, String name) {
        int colon = name.startsWith(PYTHON) ? name.indexOf(':', PYTHON.length() + 1) : -1;
        if (colon < 0) {
            return new Location(Location.Kind.NATIVE, address, null, new Call(name, ""));
        }
        Call call = new Call(name.substring(PYTHON.length(), colon), name.substring(colon + 1));
        return new Location(Location.Kind.PYTHON, address, null, call);
    }
}
