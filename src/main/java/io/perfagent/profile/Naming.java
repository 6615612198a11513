package io.perfagent.profile;

import io.perfagent.model.Call;
import io.perfagent.model.Event;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How many sampled frames have a name, and why the others have none. A frame counts once for each sample it is in, of time off the CPU for each wait. */
@SuppressWarnings("EnumOrdinal") // reasons index their counters
public final class Naming {
    private final long[] byMiss = new long[SymbolMiss.values().length];
    private final Set<PythonFunction> pythonFunctions = new HashSet<>();
    private long frames;

    private record PythonFunction(String name, String file, int startLine) {
        static PythonFunction of(Call call) {
            return new PythonFunction(call.function(), call.file(), call.startLine());
        }
    }

    /** The naming of finished stacks. */
    public static Naming of(Event event, List<StackCount> stacks) {
        Naming naming = new Naming();
        for (StackCount stack : stacks) {
            for (Location location : stack.locations()) {
                naming.add(
                        location,
                        event == Event.CPU_CLOCK
                                ? stack.count()
                                : Math.max(1, stack.activity().waits()));
            }
        }
        return naming;
    }

    private void add(Location location, long samples) {
        frames += samples;
        if (location.kind() == Location.Kind.PYTHON) {
            location.calls().forEach(call -> pythonFunctions.add(PythonFunction.of(call)));
        }
        SymbolMiss miss = location.miss();
        if (miss != null) {
            byMiss[miss.ordinal()] += samples;
        }
    }

    public long frames() {
        return frames;
    }

    /** Python functions that samples have by name. */
    public int pythonFunctions() {
        return pythonFunctions.size();
    }

    public long unnamed(SymbolMiss miss) {
        return byMiss[miss.ordinal()];
    }

    /** One line for each reason that occurred. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (SymbolMiss miss : SymbolMiss.values()) {
            if (unnamed(miss) > 0) {
                lines.add("unnamed frames: " + unnamed(miss) + " of " + frames + " " + miss.description());
            }
        }
        return lines;
    }
}
