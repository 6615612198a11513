package io.perfagent.python.inject;

/** Which safe moment was used. */
public enum Route {
    /** A thread in the evaluation loop queued a pending call, and the first thread that came to one made it. */
    PENDING_CALL(0, "pending_call"),
    /** A thread in a library queued a pending call, and the main thread made it. */
    MAIN_PENDING_CALL(1, "main_pending_call"),
    /** A thread blocked in a system call without the GIL took the GIL and did the work. */
    PARKED_THREAD(2, "parked_thread"),
    /** A running thread was asked through PEP 768 to start a thread that sleeps; that one took the GIL and did the work. */
    REMOTE_DEBUGGING(3, "remote_debugging");

    private final int code;
    private final String label;

    Route(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** As the routine knows it; for a pending call also the flags of {@code _PyEval_AddPendingCall}. */
    public int code() {
        return code;
    }

    boolean isPendingCall() {
        return this == PENDING_CALL || this == MAIN_PENDING_CALL;
    }

    public String label() {
        return label;
    }
}
