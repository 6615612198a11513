package io.perfagent.view;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.output.FunctionName;

/**
 * A function, or a line of one: what a table has a row for. Functions of one name in several files are several.
 *
 * @param name as profiles have it
 * @param file source file; of code without one its binary; empty where neither is known
 * @param line that runs or calls, or where the function begins; 0 where unknown
 */
record Row(String name, String file, int line) {
    static Row of(Location location, Call call, boolean lines) {
        Module module = location.module();
        String file = call.file().isEmpty() && module != null ? module.path() : call.file();
        return new Row(FunctionName.of(location.kind(), call), file, lines ? call.line() : call.startLine());
    }

    String place() {
        return line > 0 ? file + ":" + line : file;
    }
}
