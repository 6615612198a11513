package io.perfagent.view;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.output.StateFrames;
import java.util.IdentityHashMap;
import java.util.List;

/** Makes stacks of two runs equal where they are of the same functions: without addresses, first lines, processes, and directories of binaries. */
final class AcrossBuilds {
    private final IdentityHashMap<Location, Location> known = new IdentityHashMap<>();

    private AcrossBuilds() {}

    static Profile of(Profile profile) {
        return StateFrames.of(profile).withStacks(new AcrossBuilds()::of);
    }

    private StackCount of(StackCount stack) {
        List<Location> locations = stack.locations().stream()
                .map(location -> known.computeIfAbsent(location, AcrossBuilds::of))
                .toList();
        return new StackCount(
                0, 0, stack.threadName(), Cgroup.UNKNOWN, locations, stack.end(), stack.guessed(), stack.count());
    }

    private static Location of(Location location) {
        List<Call> calls = location.calls().stream()
                .map(call -> new Call(call.function(), call.symbol(), call.file(), call.line(), 0))
                .toList();
        Module module = location.module();
        Module named = module == null ? null : new Module(0, 0, 0, Row.base(module.path()), null);
        return new Location(location.kind(), 0, named, calls, location.miss());
    }
}
