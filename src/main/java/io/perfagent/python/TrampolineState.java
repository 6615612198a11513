package io.perfagent.python;

/** Whether a process's trampoline is on, as far as can be seen without touching it. The label is what users and scripts see. */
public enum TrampolineState {
    ON("on"),
    OFF("off"),
    /** The code that would say so is of a form that is not followed. */
    UNKNOWN("unknown");

    private final String label;

    TrampolineState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
