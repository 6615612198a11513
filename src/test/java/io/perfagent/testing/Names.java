package io.perfagent.testing;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.util.List;

/** What a stack's functions are called, Python's with their prefix. */
public final class Names {
    private Names() {}

    /** Innermost first. */
    public static List<String> of(StackCount stack) {
        return stack.locations().stream()
                .flatMap(location -> location.calls().stream().map(call -> name(location, call)))
                .toList();
    }

    /** That of the innermost. */
    public static String of(Location location) {
        return name(location, location.innermost());
    }

    private static String name(Location location, Call call) {
        return location.kind().prefix() + call.function();
    }
}
