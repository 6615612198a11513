package io.perfagent.output;

import io.perfagent.model.Location;
import io.perfagent.model.Module;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What code a location is to those who look at a profile; the ordinal is the number that the page knows it by. */
public enum CodeKind {
    PYTHON("Python"),
    /** C of the interpreter itself: of libpython, or of a program that is called python. */
    INTERPRETER("interpreter"),
    NATIVE("native"),
    KERNEL("kernel"),
    /** Code that a program made itself, and named in a perf map. */
    JIT("JIT"),
    UNNAMED("without a name"),
    /** Of a profile of others, which does not say what it is. */
    OTHER("other");

    private static final Pattern INTERPRETER_FILE =
            Pattern.compile("(.*/)?(libpython[\\d.]+[a-z]*\\.so.*|python[\\d.]*[a-z]?)( \\(deleted\\))?");

    private final String label;

    CodeKind(String label) {
        this.label = label;
    }

    /** Its name for people. */
    public String label() {
        return label;
    }

    public static CodeKind of(Location location) {
        return switch (location.kind()) {
            case PYTHON -> PYTHON;
            case KERNEL -> KERNEL;
            case UNNAMED -> UNNAMED;
            case OTHER -> OTHER;
            case NATIVE -> ofNative(location.module());
        };
    }

    private static CodeKind ofNative(@Nullable Module module) {
        if (module == null) {
            return JIT;
        }
        return isInterpreter(module) ? INTERPRETER : NATIVE;
    }

    /** Whether a file is CPython's, by its name; programs that have it inside are not told from what else they do. */
    static boolean isInterpreter(Module module) {
        return INTERPRETER_FILE.matcher(module.path()).matches();
    }
}
