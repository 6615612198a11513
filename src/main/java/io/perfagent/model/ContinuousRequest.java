package io.perfagent.model;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run that goes on until somebody ends it.
 *
 * @param profile what each interval is of, and how long one is; targets by number
 * @param names of more targets, looked for again and again
 * @param directory where files go
 * @param keepFor how long they stay there
 * @param keepBytes how much room they may take
 * @param stores that intervals are sent to, as they were written, each of which is known
 * @param queueBytes how much may wait for each of them, in files
 * @param listen where figures and profiles can be asked for; null where they cannot
 */
public record ContinuousRequest(
        ProfileRequest profile,
        List<String> names,
        Path directory,
        Duration keepFor,
        long keepBytes,
        List<String> stores,
        long queueBytes,
        @Nullable InetSocketAddress listen) {
    public Duration every() {
        return Objects.requireNonNull(profile.every());
    }

    /** What is sampled while these have its names. */
    public ProfileRequest profile(List<Integer> named) {
        Set<Integer> targets = new LinkedHashSet<>(profile.pids());
        targets.addAll(named);
        return profile.endless(new ArrayList<>(targets), profile.allProcesses(), every());
    }
}
