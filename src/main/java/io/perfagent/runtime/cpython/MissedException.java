package io.perfagent.runtime.cpython;

/** A code object cannot be read any further. */
final class MissedException extends Exception {
    private static final long serialVersionUID = 1;

    private final CodeMiss miss;

    /** Without a trace: programs that make code and drop it cause these by the thousand. */
    MissedException(CodeMiss miss) {
        super(miss.name(), null, false, false);
        this.miss = miss;
    }

    CodeMiss miss() {
        return miss;
    }
}
