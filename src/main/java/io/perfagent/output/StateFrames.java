package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What threads waited for, as the innermost frame of their stacks, {@code [lock]}: for formats that have no labels. */
final class StateFrames {
    private final Map<ThreadState, Location> frames = new EnumMap<>(ThreadState.class);

    private StateFrames() {
        for (ThreadState state : ThreadState.values()) {
            frames.put(state, new Location(Location.Kind.OTHER, 0, null, new Call("[" + state.label() + "]", "")));
        }
    }

    static Profile of(Profile profile) {
        return profile.withStacks(new StateFrames()::with);
    }

    private StackCount with(StackCount stack) {
        List<Location> locations = new ArrayList<>(stack.locations().size() + 1);
        locations.add(frames.get(stack.state()));
        locations.addAll(stack.locations());
        return stack.withLocations(locations);
    }
}
