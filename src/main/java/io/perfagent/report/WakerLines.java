package io.perfagent.report;

import io.perfagent.model.Location;
import io.perfagent.model.OwnFunction;
import io.perfagent.model.StackCount;
import io.perfagent.model.Waker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Who ended the waits of whom.
 *
 * <pre>
 *   who ended waits, by their share of 4.210 s:
 *     58.1 %  take (shop.py:12), woken by put (shop.py:88)
 *     20.4 %  main, woken by an interrupt
 * </pre>
 */
final class WakerLines {
    private static final int MOST = 8;

    private final List<StackCount> woken;
    private final long nanos;

    WakerLines(List<StackCount> stacks) {
        this.woken = stacks.stream()
                .filter(stack -> stack.activity().waker() != null)
                .toList();
        this.nanos = woken.stream().mapToLong(StackCount::count).sum();
    }

    /** None where it was not asked for. */
    List<String> lines() {
        Map<String, Long> pairs = new HashMap<>();
        for (StackCount stack : woken) {
            pairs.merge(pair(stack, Objects.requireNonNull(stack.activity().waker())), stack.count(), Long::sum);
        }
        List<String> lines = new ArrayList<>();
        if (!pairs.isEmpty()) {
            lines.add(String.format(Locale.ROOT, "who ended waits, by their share of %.3f s:", nanos / 1e9));
        }
        pairs.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(MOST)
                .forEach(one -> lines.add(
                        String.format(Locale.ROOT, "%6.1f %%  %s", 100.0 * one.getValue() / nanos, one.getKey())));
        return lines;
    }

    List<String> lost() {
        long unknown = woken.stream()
                .filter(stack ->
                        Objects.requireNonNull(stack.activity().waker()).kind() == Waker.Kind.UNKNOWN)
                .mapToLong(StackCount::count)
                .sum();
        return unknown == 0
                ? List.of()
                : List.of(String.format(
                        Locale.ROOT,
                        "wakers: who ended %.3f s of waits is not known, for they went on before their stacks were taken, or there"
                                + " were too many at once",
                        unknown / 1e9));
    }

    private static String pair(StackCount stack, Waker waker) {
        String by = switch (waker.kind()) {
            case THREAD -> function(waker.locations(), waker.threadName());
            case INTERRUPT -> "an interrupt";
            case UNKNOWN -> "who is not known";
            case NOBODY -> "";
        };
        return function(stack.locations(), stack.threadName())
                + (by.isEmpty() ? ", still waiting" : ", woken by " + by);
    }

    private static String function(List<Location> locations, String thread) {
        return OwnFunction.of(locations)
                .map(Location::innermost)
                .map(call -> ClosingLines.function(call.function(), call.file(), call.startLine()))
                .orElse(Quoted.line(thread));
    }
}
