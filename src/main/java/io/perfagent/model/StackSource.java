package io.perfagent.model;

/** How a thread's stack was read, or why it was not. */
public enum StackSource {
    /** While it was on no processor. */
    STANDING("standing", ""),
    /** In an interrupt of the processor that ran it. */
    SAMPLED("sampled", ""),
    USERLESS("none", "it runs in the kernel only, or is ending"),
    KEPT_RUNNING("none", "it ran each time that it was looked at, and no sample hit it"),
    ENDED("none", "it ended before it was read");

    private final String label;
    private final String reason;

    StackSource(String label, String reason) {
        this.label = label;
        this.reason = reason;
    }

    public String label() {
        return label;
    }

    /** Why there is no stack; empty where there is one. */
    public String reason() {
        return reason;
    }
}
