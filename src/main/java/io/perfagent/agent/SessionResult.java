package io.perfagent.agent;

import io.perfagent.model.Profile;
import java.nio.file.Path;

/**
 * How a run went.
 *
 * @param file the profile's file
 * @param profile what the file holds
 * @param samples samples taken
 * @param userSamples samples that have a user stack
 * @param completeSamples samples whose user stack reaches the thread's first frame
 * @param dropped samples the kernel could not hand over
 * @param nanosPerFrame kernel time per unwound user frame, 0 where nothing was unwound
 * @param stops how often a target was stopped
 * @param stopP50Nanos half of the stops were shorter
 * @param stopMaxNanos the longest stop
 */
public record SessionResult(
        Path file,
        Profile profile,
        long samples,
        long userSamples,
        long completeSamples,
        long dropped,
        double nanosPerFrame,
        long stops,
        long stopP50Nanos,
        long stopMaxNanos) {}
