package io.perfagent.model;

import java.util.List;

/**
 * How often one thread was seen with one stack.
 *
 * @param pid process
 * @param tid thread
 * @param threadName its comm when first seen with this stack
 * @param cgroup of the process
 * @param locations leaf first, kernel frames before user frames
 * @param end why the walk of the user stack ended
 * @param guessed as in {@link Sample}
 * @param count samples
 */
public record StackCount(
        int pid,
        int tid,
        String threadName,
        Cgroup cgroup,
        List<Location> locations,
        WalkEnd end,
        boolean guessed,
        long count) {}
