package io.perfagent.python.inject;

/** Which of the two safe moments was used. */
public enum Route {
    /** A thread blocked in a system call without the GIL took the GIL and did the work. */
    PARKED_THREAD(0, "parked thread"),
    /** A running thread queued a pending call, and the main thread did the work. */
    PENDING_CALL(1, "pending call");

    private final int code;
    private final String label;

    Route(int code, String label) {
        this.code = code;
        this.label = label;
    }

    public int code() {
        return code;
    }

    public String label() {
        return label;
    }
}
