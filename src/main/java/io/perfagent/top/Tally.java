package io.perfagent.top;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Samples by function and by line. Frames that are not meant are seen through: the innermost of those that are meant has the sample.
 * For one thread.
 */
final class Tally {
    private final Predicate<Location> meant;
    private final Map<Function, Lines> functions = new HashMap<>();
    /** Locations are mostly the same objects again and again. */
    private final IdentityHashMap<Location, List<Counted>> known = new IdentityHashMap<>();

    private long stacks;

    /** A function's own count, and those of its lines. */
    private record Lines(Count all, Map<Integer, Count> byLine) {
        Lines() {
            this(new Count(), new HashMap<>());
        }

        Count line(int line) {
            return byLine.computeIfAbsent(line, _ -> new Count());
        }

        void add(Lines other) {
            all.add(other.all);
            other.byLine.forEach((line, count) -> line(line).add(count));
        }

        /** The one that was innermost most often. */
        int hottest() {
            int hottest = 0;
            long most = -1;
            long mostTotal = -1;
            for (Map.Entry<Integer, Count> line : byLine.entrySet()) {
                Count count = line.getValue();
                if (count.self() > most || (count.self() == most && count.total() > mostTotal)) {
                    hottest = line.getKey();
                    most = count.self();
                    mostTotal = count.total();
                }
            }
            return hottest;
        }
    }

    private record Counted(Count function, Count line) {}

    Tally(Predicate<Location> meant) {
        this.meant = meant;
    }

    void add(StackCount stack) {
        stacks++;
        boolean innermost = true;
        for (Location location : stack.locations()) {
            if (meant.test(location)) {
                for (Counted counted : known.computeIfAbsent(location, this::counted)) {
                    counted.function.see(stacks, stack.count());
                    counted.line.see(stacks, stack.count());
                    if (innermost) {
                        counted.function.seeInnermost(stack.count());
                        counted.line.seeInnermost(stack.count());
                        innermost = false;
                    }
                }
            }
        }
    }

    /** What is counted of another in the same way. */
    void add(Tally other) {
        other.functions.forEach((function, lines) -> lines(function).add(lines));
    }

    /** What was only there to count stacks is given up. */
    void finish() {
        known.clear();
    }

    boolean isEmpty() {
        return functions.isEmpty();
    }

    /** Each function, with its hottest line. */
    List<Row> functions() {
        List<Row> rows = new ArrayList<>();
        functions.forEach((function, lines) -> rows.add(Row.of(function, lines.hottest(), lines.all)));
        return rows;
    }

    List<Row> lines() {
        List<Row> rows = new ArrayList<>();
        functions.forEach(
                (function, lines) -> lines.byLine.forEach((line, count) -> rows.add(Row.of(function, line, count))));
        return rows;
    }

    private Lines lines(Function function) {
        return functions.computeIfAbsent(function, _ -> new Lines());
    }

    /** Innermost first, as what is inlined stands in a location. */
    private List<Counted> counted(Location location) {
        List<Counted> counted = new ArrayList<>();
        for (Call call : location.calls()) {
            Lines lines = lines(Function.of(location, call));
            counted.add(new Counted(lines.all, lines.line(call.line())));
        }
        return counted;
    }
}
