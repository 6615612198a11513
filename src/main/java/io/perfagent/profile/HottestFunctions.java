package io.perfagent.profile;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where samples were taken, by function. A sample counts for one only, the innermost of its stack: of Python functions that is the
 * time which they and the C below them took themselves, as {@code go tool pprof -show='^py::'} gives it.
 */
public final class HottestFunctions {
    private HottestFunctions() {}

    /**
     * One function.
     *
     * @param name as in {@link Call}
     * @param file as in {@link Call}
     * @param startLine as in {@link Call}: methods of two classes may have one name and file
     * @param samples that were taken in it
     */
    public record HotFunction(String name, String file, int startLine, long samples) {}

    private record Key(String name, String file, int startLine) {
        static Key of(Call call) {
            return new Key(call.function(), call.file(), call.startLine());
        }

        HotFunction with(long samples) {
            return new HotFunction(name, file, startLine, samples);
        }
    }

    /** Python functions, the hottest first. */
    public static List<HotFunction> python(List<StackCount> stacks, int limit) {
        return hottest(stacks, location -> location.kind() == Location.Kind.PYTHON, limit);
    }

    /** Functions of all kinds, those of the kernel included, the hottest first. */
    public static List<HotFunction> any(List<StackCount> stacks, int limit) {
        return hottest(stacks, _ -> true, limit);
    }

    /** Functions of programs, those of the kernel left out in which each wait ends. */
    public static List<HotFunction> user(List<StackCount> stacks, int limit) {
        return hottest(stacks, location -> location.kind() != Location.Kind.KERNEL, limit);
    }

    private static List<HotFunction> hottest(List<StackCount> stacks, Predicate<Location> meant, int limit) {
        Map<Key, Long> samples = new HashMap<>();
        for (StackCount stack : stacks) {
            Call innermost = innermost(stack, meant);
            if (innermost != null) {
                samples.merge(Key.of(innermost), stack.count(), Long::sum);
            }
        }
        return samples.entrySet().stream()
                .map(entry -> entry.getKey().with(entry.getValue()))
                .sorted(Comparator.comparingLong(HotFunction::samples)
                        .reversed()
                        .thenComparing(HotFunction::name)
                        .thenComparing(HotFunction::file)
                        .thenComparingInt(HotFunction::startLine))
                .limit(limit)
                .toList();
    }

    private static @Nullable Call innermost(StackCount stack, Predicate<Location> meant) {
        for (Location location : stack.locations()) {
            if (meant.test(location)) {
                return location.innermost();
            }
        }
        return null;
    }
}
