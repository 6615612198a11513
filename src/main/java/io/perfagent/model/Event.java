package io.perfagent.model;

/** What a sample is of; in the order of the kernel side's {@code enum sample_event}. */
public enum Event {
    /** A task runs, or does what the run samples instead ({@link SampledEvent}). The weight counts samples. */
    CPU_CLOCK("on-cpu"),
    /** A task runs again. The weight is nanoseconds off the CPU. */
    OFF_CPU("off-cpu"),
    /** Either. The weight is that of the one or the other, until it is known what time a sample stands for: then nanoseconds. */
    WALL("wall");

    private static final Event[] ALL = values();

    private final String label;

    Event(String label) {
        this.label = label;
    }

    /** As in names of files. */
    public String label() {
        return label;
    }

    /** Whether its profile has what threads spent in a state. */
    public boolean has(ThreadState state) {
        return switch (this) {
            case CPU_CLOCK -> state == ThreadState.RUNNING;
            case OFF_CPU -> state != ThreadState.RUNNING;
            case WALL -> true;
        };
    }

    /** Of the kernel side's number. */
    public static Event of(int number) {
        return ALL[number];
    }
}
