package io.perfagent.runtime.cpython;

/**
 * What is known of a code object: a function, a class's body, a module.
 *
 * @param name the qualified name; before 3.11 the name alone
 * @param function what the function is called that it belongs to: the same, where nothing else is known
 * @param file as its compiler was told
 * @param firstLine of its {@code def}, or of its first decorator
 * @param lines of its instructions
 */
public record CodeObject(String name, String function, String file, int firstLine, LineTable lines)
        implements CodeResult {
    private static final String INIT = "__init__";
    private static final String FROZEN = "<frozen ";

    /**
     * Whether it is the interpreter's own, {@code _Py_InitCleanup}: since 3.13 a call of a class that has been specialized puts a frame
     * of it below {@code __init__}'s, to see that this returns None. Python itself never shows it. A compiler's lines begin with 1.
     */
    boolean checksInit() {
        return firstLine == 0 && name.equals(INIT) && file.equals(INIT);
    }

    /** Whether it was made out of text that no file has, so that its file does not say whose it is; frozen modules do. */
    boolean isOfText() {
        return file.startsWith("<") && !file.startsWith(FROZEN);
    }

    CodeObject of(String otherFunction) {
        return new CodeObject(name, otherFunction, file, firstLine, lines);
    }
}
