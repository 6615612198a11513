package io.perfagent.python;

/** How an interpreter got into its process. The label is what users and scripts see. */
public enum PythonKind {
    /** The python command, with the interpreter in a libpython. */
    SHARED("shared"),
    /** The python command, which holds the interpreter itself. */
    STATIC("static"),
    /** Another program, which holds or loads the interpreter. */
    EMBEDDED("embedded");

    private final String label;

    PythonKind(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
