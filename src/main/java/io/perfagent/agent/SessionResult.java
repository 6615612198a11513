package io.perfagent.agent;

import io.perfagent.model.Profile;
import io.perfagent.model.Written;
import java.nio.file.Path;
import java.util.List;

/**
 * How a run went.
 *
 * @param written the profile's files; none where it was shown only
 * @param profiles what these hold, one of each event
 * @param samples samples taken of the first event
 * @param userSamples samples that have a user stack
 * @param completeSamples samples whose user stack reaches the thread's first frame
 * @param dropped samples the kernel could not hand over
 * @param nanosPerFrame kernel time per unwound user frame, 0 where nothing was unwound
 * @param stops how often a target was stopped
 * @param stopP50Nanos half of the stops were shorter
 * @param stopMaxNanos the longest stop
 */
public record SessionResult(
        List<Written> written,
        List<Profile> profiles,
        long samples,
        long userSamples,
        long completeSamples,
        long dropped,
        double nanosPerFrame,
        long stops,
        long stopP50Nanos,
        long stopMaxNanos) {
    /** Of the first event. */
    public Profile profile() {
        return profiles.getFirst();
    }

    /** The first of the files. */
    public Path file() {
        return written.getFirst().file();
    }
}
