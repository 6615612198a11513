package io.perfagent.runtime.cpython;

import org.jspecify.annotations.Nullable;

/**
 * Functions as 3.11 and later have them, whose frames know the function that they are a call of. They do not describe these fields; what is
 * read by them counts only if it is a function of the frame's code.
 *
 * @param inFrame where a frame has its function
 * @param qualifiedName in a function, as those that follow
 * @param code that it runs
 * @param module a {@code str}, if it is known
 */
record FunctionLayout(int inFrame, int qualifiedName, int code, int module) {
    private static final int FIRST_WITH_FUNCTIONS = 11;

    /** {@code PyFunctionObject}: globals, builtins, name, qualified name, code, …; in frames it comes first, since 3.12 behind two others. */
    static @Nullable FunctionLayout of(PythonLayout layout) {
        if (layout.minor() < FIRST_WITH_FUNCTIONS) {
            return null;
        }
        int inFrame =
                layout.minor() == FIRST_WITH_FUNCTIONS ? 0 : layout.frames().previous() + Long.BYTES;
        int first = layout.objects().type() + Long.BYTES;
        return new FunctionLayout(inFrame, first + 24, first + 32, first + 88);
    }

    /** How many bytes hold all fields. */
    int headBytes() {
        return module + Long.BYTES;
    }
}
