package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Descriptor;
import io.perfagent.model.GilHolder;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.Waker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What threads spent their time with, as the innermost frame of their stacks, {@code [lock]}, and below it on what descriptor they waited, {@code [tcp]},
 * or who had CPython's lock, {@code [held by encode (app.py:91)]}: for formats that have no labels.
 */
public final class StateFrames {
    /** Encoders know a frame by its identity, and go through the stacks more than once: the same text is the same frame. */
    private final Map<String, Location> frames = new HashMap<>();

    /**
     * The frames of who ended the wait, from its outermost on, then what separates them from the frames of the one that waited: so the innermost frames of both are
     * next to each other. None where that was not asked for.
     */
    List<Location> woken(StackCount stack) {
        Waker waker = stack.activity().waker();
        if (waker == null) {
            return List.of();
        }
        List<Location> locations = new ArrayList<>(waker.locations().reversed());
        locations.add(frame(waker.separator()));
        return locations;
    }

    private Location frame(String text) {
        return frames.computeIfAbsent(text, name -> new Location(Location.Kind.OTHER, 0, null, new Call(name, "")));
    }

    /** Function, file and line, {@code encode (app.py:91)}. */
    static String text(Location frame) {
        Call call = frame.innermost();
        String file = call.file().substring(call.file().lastIndexOf('/') + 1);
        String line = call.line() > 0 ? ":" + call.line() : "";
        return file.isEmpty() ? call.function() : call.function() + " (" + file + line + ")";
    }

    /** A profile with these frames, where its stacks have states; else as it is. */
    public static Profile of(Profile profile) {
        StateFrames frames = new StateFrames();
        return profile.measure().hasStates() ? profile.withStacks(stack -> frames.with(stack, true)) : profile;
    }

    /** The same without those of who ended waits. */
    public static Profile ofWaiters(Profile profile) {
        StateFrames frames = new StateFrames();
        return profile.measure().hasStates() ? profile.withStacks(stack -> frames.with(stack, false)) : profile;
    }

    private StackCount with(StackCount stack, boolean wakers) {
        List<Location> locations = new ArrayList<>(stack.locations().size() + 2);
        locations.addAll(wakers ? woken(stack) : List.of());
        GilHolder holder = stack.activity().gilHolder();
        if (holder != null && holder.frame() != null) {
            locations.add(frame("[held by " + text(holder.frame()) + "]"));
        }
        if (stack.activity().descriptor() != Descriptor.NONE) {
            locations.add(frame("[" + stack.activity().descriptor().label() + "]"));
        }
        locations.add(frame("[" + stack.state().label() + "]"));
        locations.addAll(stack.locations());
        return stack.withLocations(locations);
    }
}
