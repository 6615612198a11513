package io.perfagent.model;

/** What a sample is of; in the order of the kernel side's {@code enum sample_event}. */
public enum Event {
    /** A task runs. The weight counts ticks of the clock, each of which is one sample. */
    CPU_CLOCK;

    private static final Event[] ALL = values();

    /** Of the kernel side's number. */
    public static Event of(int number) {
        return ALL[number];
    }
}
