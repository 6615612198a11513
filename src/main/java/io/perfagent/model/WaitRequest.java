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
 */
public record WaitRequest(Duration threshold, Duration shortest, boolean wakers, List<Output> outputs) {
    /** Without wakers. */
    public WaitRequest(Duration threshold, Duration shortest, List<Output> outputs) {
        this(threshold, shortest, false, outputs);
    }
}
