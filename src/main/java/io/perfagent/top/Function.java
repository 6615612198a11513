package io.perfagent.top;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.output.CodeKind;

/**
 * A function, told from others of its name.
 *
 * @param file of its source; {@code ""} where unknown
 * @param startLine its first; 0 where unknown
 * @param module path of its binary; {@code ""} where it has none
 */
record Function(CodeKind kind, String name, String file, int startLine, String module) {
    static Function of(Location location, Call call) {
        Module module = location.module();
        return new Function(
                CodeKind.of(location),
                call.function(),
                call.file(),
                call.startLine(),
                module == null ? "" : module.path());
    }

    /** Where it is: a line of its source, or its binary. */
    String place(int line) {
        if (file.isEmpty()) {
            return module.substring(module.lastIndexOf('/') + 1);
        }
        return line == 0 ? file : file + ":" + line;
    }
}
