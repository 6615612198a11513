package io.perfagent.output;

import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.StackCount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The executable that a profile is about: main threads begin in it, at {@code _start}, so it is the binary of the most
 * samples' outermost frame, those of main threads before others.
 */
final class MainBinary {
    private MainBinary() {}

    /** Null where no stack has a frame in a binary file. */
    static @Nullable Module of(List<StackCount> stacks) {
        Module main = heaviest(stacks, true);
        return main != null ? main : heaviest(stacks, false);
    }

    private static @Nullable Module heaviest(List<StackCount> stacks, boolean mainThreads) {
        Map<Module, Long> samples = new HashMap<>();
        Module heaviest = null;
        long most = 0;
        for (StackCount stack : stacks) {
            Module module = !mainThreads || stack.pid() == stack.tid() ? outermost(stack) : null;
            long sum = module == null ? 0 : samples.merge(module, stack.count(), Long::sum);
            if (sum > most) {
                most = sum;
                heaviest = module;
            }
        }
        return heaviest;
    }

    private static @Nullable Module outermost(StackCount stack) {
        List<Location> locations = stack.locations();
        for (int at = locations.size() - 1; at >= 0; at--) {
            Module module = locations.get(at).module();
            if (module != null && module.path().startsWith("/")) {
                return module;
            }
        }
        return null;
    }
}
