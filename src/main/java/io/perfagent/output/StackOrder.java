package io.perfagent.output;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Puts stacks into an order in which each shares most of its frames with the one before, from the outermost on; and threads and ways to end
 * of one stack one after the other.
 *
 * @param frames numbers of a location's frames, outermost first
 */
record StackOrder(Function<Location, int[]> frames) implements Comparator<StackCount> {
    private static final Comparator<StackCount> OF_ONE_STACK = Comparator.comparing(StackCount::end)
            .thenComparingInt(StackCount::pid)
            .thenComparingInt(StackCount::tid);

    @Override
    public int compare(StackCount one, StackCount other) {
        List<Location> locations = one.locations();
        List<Location> others = other.locations();
        int order = 0;
        for (int left = locations.size(), right = others.size(); order == 0 && left > 0 && right > 0; ) {
            order = compare(locations.get(--left), others.get(--right));
        }
        order = order != 0 ? order : Integer.compare(locations.size(), others.size());
        return order != 0 ? order : OF_ONE_STACK.compare(one, other);
    }

    /** Locations are mostly the same objects again and again, so identity is asked first. */
    @SuppressWarnings("ReferenceEquality") // different ones are compared
    private int compare(Location one, Location other) {
        return one == other ? 0 : Arrays.compare(frames.apply(one), frames.apply(other));
    }
}
