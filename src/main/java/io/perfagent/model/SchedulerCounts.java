package io.perfagent.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was counted in a run.
 *
 * @param duration from the first moment to the last
 * @param all of all targets together
 * @param processes of each on its own, the one that ran the longest first; empty where that was not asked for
 * @param others of those for which there was no room among these; null where there was
 * @param withoutHardware why there are no hardware counters; null where there are
 * @param notFollowed processes that targets have started, and which are not counted for want of room
 * @param waitsLeftOut times that a thread began to wait for a CPU and there was no room to note it
 */
public record SchedulerCounts(
        Duration duration,
        Scheduling all,
        List<Scheduling> processes,
        @Nullable Scheduling others,
        @Nullable String withoutHardware,
        long notFollowed,
        long waitsLeftOut) {}
