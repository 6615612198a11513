package io.perfagent.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The threads of some processes. None of them was stopped.
 *
 * @param time when reading began
 * @param took how long reading took, of all threads
 * @param leftOut threads, for there were more than there is memory for
 */
public record Dump(Instant time, Duration took, long leftOut, List<ProcessDump> processes) {
    public Dump {
        processes = List.copyOf(processes);
    }
}
