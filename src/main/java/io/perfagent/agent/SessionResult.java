package io.perfagent.agent;

import io.perfagent.model.Profile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a run went.
 *
 * @param exitStatus 0 where a profile was written
 * @param file the profile's file; null where none was written
 * @param profile what the file holds; null likewise
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
        int exitStatus,
        @Nullable Path file,
        @Nullable Profile profile,
        long samples,
        long userSamples,
        long completeSamples,
        long dropped,
        double nanosPerFrame,
        long stops,
        long stopP50Nanos,
        long stopMaxNanos) {}
