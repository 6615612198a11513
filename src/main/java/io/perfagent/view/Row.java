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
    static Row of(Location location, Call call, Grain grain) {
        String name = FunctionName.of(location.kind(), call);
        String file = file(location, call);
        return switch (grain) {
            case FUNCTION -> new Row(name, file, call.startLine());
            case LINE -> new Row(name, file, call.line());
            case ACROSS_BUILDS -> new Row(name, call.file().isEmpty() ? base(file) : file, 0);
        };
    }

    private static String file(Location location, Call call) {
        Module module = location.module();
        return call.file().isEmpty() && module != null ? module.path() : call.file();
    }

    /** Without directories. */
    static String base(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    String place() {
        return line > 0 ? file + ":" + line : file;
    }
}
