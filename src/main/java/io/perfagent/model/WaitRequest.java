package io.perfagent.model;

import java.time.Duration;
import java.util.List;

/**
 * What the user asked for of time off the CPU.
 *
 * @param threshold a shorter wait is recorded by chance, and stands for so long; 1 s at most
 * @param shortest what is shorter is left out
 * @param wakers whether who ended waits is recorded, too
 * @param outputs where the profile goes; never empty
 * @param wall whether time on the CPU is in the same profile
 * @param leastRunning threads that ran for less are left out of that
 */
public record WaitRequest(
        Duration threshold,
        Duration shortest,
        boolean wakers,
        List<Output> outputs,
        boolean wall,
        Duration leastRunning) {
    /** Of time off the CPU alone. */
    public WaitRequest(Duration threshold, Duration shortest, boolean wakers, List<Output> outputs) {
        this(threshold, shortest, wakers, outputs, false, Duration.ZERO);
    }

    /** The same without wakers. */
    public WaitRequest(Duration threshold, Duration shortest, List<Output> outputs) {
        this(threshold, shortest, false, outputs);
    }

    /** Of all time of threads. */
    public static WaitRequest wall(Duration threshold, boolean wakers, List<Output> outputs, Duration leastRunning) {
        return new WaitRequest(threshold, Duration.ZERO, wakers, outputs, true, leastRunning);
    }

    /** The same without wakers. */
    public static WaitRequest wall(Duration threshold, List<Output> outputs, Duration leastRunning) {
        return wall(threshold, false, outputs, leastRunning);
    }

    /** What its samples are of. */
    public Event event() {
        return wall ? Event.WALL : Event.OFF_CPU;
    }
}
