package io.perfagent.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A finished profile.
 *
 * @param start wall-clock time of the first moment covered
 * @param duration time covered
 * @param sampleRate samples per second and CPU
 * @param stacks the samples, aggregated
 * @param comments free lines: version, tags, counters
 */
public record Profile(
        Instant start, Duration duration, int sampleRate, List<StackCount> stacks, List<String> comments) {}
