package io.perfagent.symbolize;

import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * A Python function whose trampoline is on has two frames in a stack: the one that was read of the interpreter, which knows the line, and
 * the trampoline, which is called before the evaluation loop is. One of them stays.
 *
 * <pre>
 *   leaf   … │ f, read │ evaluation loop │ f, trampoline │ … │ g, read │ …
 *                 └───────── one ───────────────┘
 * </pre>
 */
final class OnePerFunction {
    private OnePerFunction() {}

    /** @param locations of a stack, leaf first */
    static List<Location> of(List<Location> locations) {
        List<Location> kept = new ArrayList<>(locations.size());
        int read = -1; // where in what is kept the last frame is that was read and has no trampoline yet
        for (Location location : locations) {
            if (location.address() == 0) {
                read = kept.size();
                kept.add(location);
            } else if (location.kind() != Kind.PYTHON || read < 0) {
                kept.add(location);
            } else {
                if (kept.get(read).kind() == Kind.UNNAMED) {
                    kept.set(read, location);
                } else if (!isSameFunction(kept.get(read), location)) {
                    kept.add(location);
                }
                read = -1;
            }
        }
        return kept;
    }

    /** The trampoline has the name of the code, the frame may have that of the function. */
    private static boolean isSameFunction(Location one, Location other) {
        return one.innermost().symbol().equals(other.innermost().symbol());
    }
}
