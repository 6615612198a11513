package io.perfagent.model;

/** What a thread does, as the scheduler sees it. */
public enum Activity {
    RUNNING("running"),
    /** It could run, but no processor is free for it. */
    RUNNABLE("runnable"),
    SLEEPING("sleeping"),
    /** Signals do not end what it waits for: a disk, a file server, memory. */
    UNINTERRUPTIBLE("uninterruptible"),
    /** By a signal, as Ctrl-Z sends it. */
    STOPPED("stopped"),
    /** By a debugger. */
    TRACED("traced"),
    ENDING("ending");

    private final String label;

    Activity(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
