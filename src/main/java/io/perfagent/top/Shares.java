package io.perfagent.top;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.output.CodeKind;
import java.util.regex.Pattern;

/** How many samples were taken in which kind of code. */
@SuppressWarnings("EnumOrdinal") // kinds index their counters
final class Shares {
    /** CPython's collector, by the functions that do all of its work, 3.6 to 3.15; finalizers that it calls are in there. */
    private static final Pattern COLLECTOR =
            Pattern.compile("_?PyGC_Collect\\w*|_Py_RunGC|gc_collect_\\w+|collect(_generations|_with_callback)?");

    private final long[] byKind = new long[CodeKind.values().length];
    private long samples;
    private long collecting;

    void add(StackCount stack) {
        samples += stack.count();
        if (!stack.locations().isEmpty()) {
            byKind[CodeKind.of(stack.locations().getFirst()).ordinal()] += stack.count();
        }
        if (stack.locations().stream().anyMatch(Shares::collects)) {
            collecting += stack.count();
        }
    }

    void add(Shares other) {
        samples += other.samples;
        collecting += other.collecting;
        for (int kind = 0; kind < byKind.length; kind++) {
            byKind[kind] += other.byKind[kind];
        }
    }

    long samples() {
        return samples;
    }

    long of(CodeKind kind) {
        return byKind[kind.ordinal()];
    }

    /** Samples in the collector; of an interpreter without symbols none are known. */
    long collecting() {
        return collecting;
    }

    private static boolean collects(Location location) {
        return CodeKind.of(location) == CodeKind.INTERPRETER
                && COLLECTOR.matcher(location.innermost().function()).matches();
    }
}
