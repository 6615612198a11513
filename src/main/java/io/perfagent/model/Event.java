package io.perfagent.model;

/** What a sample is of; in the order of the kernel side's {@code enum sample_event}. */
public enum Event {
    /** A task runs, or does what the run samples instead ({@link SampledEvent}). The weight counts samples. */
    CPU_CLOCK("on-cpu"),
    /** A task runs again. The weight is nanoseconds off the CPU. */
    OFF_CPU("off-cpu");

    private static final Event[] ALL = values();

    private final String label;

    Event(String label) {
        this.label = label;
    }

    /** As in names of files. */
    public String label() {
        return label;
    }

    /** Of the kernel side's number. */
    public static Event of(int number) {
        return ALL[number];
    }
}
