package io.perfagent.python.inject;

/** What the routine is to do once it has the GIL. */
public enum Command {
    /** Only report the evaluation function. */
    LOOK(0),
    /**
     * Switch the trampoline on, unless an evaluation function other than the default is set. Where none is on record only set it up, find
     * out its function and leave it off: the map is to be guarded first.
     */
    ACTIVATE(1),
    /** Set the default evaluation function again, if the trampoline's is set. */
    DEACTIVATE(2);

    private final int code;

    Command(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
