package io.perfagent.agent;

import io.perfagent.model.Profile;
import java.util.Map;

/**
 * What an interval has of one event, for who asked for the run.
 *
 * @param label of the event, as in names of files
 * @param profile the samples
 * @param samples how many these are
 * @param complete of these, those whose user stack reaches the thread's first frame
 * @param own samples of this process itself, which are in no profile
 * @param outside samples of processes that our PID namespace does not see, which are in no profile either
 * @param losses samples that are in no profile, by cause
 */
public record FinishedProfile(
        String label, Profile profile, long samples, long complete, long own, long outside, Map<String, Long> losses) {}
