package io.perfagent.model;

/**
 * What a counter of the hardware has counted: for a part of the time only where several had to share the hardware.
 *
 * @param counted while it ran
 * @param enabledNanos time in which it was to count
 * @param runningNanos time in which it has
 */
public record HardwareCount(long counted, long enabledNanos, long runningNanos) {
    public HardwareCount plus(HardwareCount other) {
        return new HardwareCount(
                counted + other.counted, enabledNanos + other.enabledNanos, runningNanos + other.runningNanos);
    }

    /** As many as it would have been in the whole time. */
    public double scaled() {
        return runningNanos == 0 ? 0 : (double) counted * enabledNanos / runningNanos;
    }

    /** How much of the time has been counted, 0 to 1. */
    public double share() {
        return enabledNanos == 0 ? 0 : (double) runningNanos / enabledNanos;
    }
}
