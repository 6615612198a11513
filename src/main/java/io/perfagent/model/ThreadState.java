package io.perfagent.model;

/** What a thread did at a moment, as far as it is known for sure. */
public enum ThreadState {
    RUNNING("running"),
    /** It could run, but no processor was free for it. */
    RUNQUEUE("runqueue"),
    SLEEP("sleep"),
    /** Another thread had what it needs: a lock of its own process, of a file, of the kernel. */
    LOCK("lock"),
    /** Another thread had CPython's global interpreter lock. */
    GIL("gil"),
    IO("io"),
    POLL("poll"),
    PAGE_FAULT("page-fault"),
    /** By a signal or a debugger. */
    STOPPED("stopped"),
    OTHER("other");

    private final String label;

    ThreadState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
