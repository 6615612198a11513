package io.perfagent.model;

/**
 * What a sample is taken at.
 *
 * @param name as perf has it, {@code page-faults}; of a tracepoint its group and name, {@code sched:sched_process_exec}
 * @param number of those of its kind: include/uapi/linux/perf_event.h; 0 for a tracepoint, which tracefs has a number for
 * @param period a sample stands for so many; 0 for a clock, which is asked for so often a second
 */
public record SampledEvent(Kind kind, String name, int number, long period) {
    /** The usual one: a clock of each CPU, which ticks while a thread runs. */
    public static final SampledEvent CPU_CLOCK = new SampledEvent(Kind.CLOCK, "cpu-clock", 0, 0);

    private static final String LABEL_OF_CPU_CLOCK = "on-cpu";

    /** Who counts. */
    public enum Kind {
        /** The kernel, time. */
        CLOCK,
        /** The kernel. */
        SOFTWARE,
        /** The processor. */
        HARDWARE,
        /** The kernel, how often it comes by a place in its code. */
        TRACEPOINT
    }

    /** As in names of files. */
    public String label() {
        return equals(CPU_CLOCK) ? LABEL_OF_CPU_CLOCK : name.replace(':', '-');
    }

    /**
     * What samples are of.
     *
     * @param rate of clocks: ticks a second and CPU
     */
    public Measure measure(int rate) {
        if (kind != Kind.CLOCK) {
            return new Measure(name, "count", period, true);
        }
        Measure time = Measure.cpu(rate);
        return equals(CPU_CLOCK) ? time : new Measure(name, time.unit(), time.period(), true);
    }

    /** How often, in a few words. */
    public String frequency(int rate) {
        if (kind == Kind.CLOCK) {
            return rate + " samples a second and CPU" + (equals(CPU_CLOCK) ? "" : ", " + name);
        }
        return (period == 1 ? "a sample for each of its " : "a sample for " + period + " of its ") + name;
    }
}
