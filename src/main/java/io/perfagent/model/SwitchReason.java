package io.perfagent.model;

/** Why a thread left its CPU; in the order of the kernel side's {@code enum switch_reason}. */
public enum SwitchReason {
    /** For a lock, data of a socket, a time: what a signal can wake it from. */
    WAITED("waited"),
    /** For what the kernel counts as I/O, mostly a disk. */
    IO("waited for I/O"),
    /** For something else that no signal interrupts, such as a lock of the kernel's. */
    IN_KERNEL("waited in the kernel"),
    /** It could have gone on, but another was to run. */
    PREEMPTED("preempted"),
    /** The same, by a {@code sched_yield} of its own. */
    YIELDED("yielded"),
    /** By a signal or a tracer. */
    STOPPED("stopped"),
    /** The thread has ended. */
    ENDED("ended");

    private final String label;

    SwitchReason(String label) {
        this.label = label;
    }

    /** What users read. */
    public String label() {
        return label;
    }
}
