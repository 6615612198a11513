package io.perfagent.view;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.OwnFunction;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.Waker;
import io.perfagent.output.FunctionName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who waited, and who ended that:
 *
 * <pre>
 *     waited  share %  who waited            woken by
 *     3.57 s   42.0 %  py::takes shop.py:12  py::posts shop.py:88
 *     0.59 s    6.9 %  py::writes shop.py:4  an interrupt
 * </pre>
 */
final class WakerTable {
    private static final double PERCENT = 100;

    private WakerTable() {}

    private record Pair(String waiter, String waker) {}

    /**
     * The table's lines; throws where nothing says who ended a wait.
     *
     * @param limit rows at most, or all of them where that is 0
     */
    static List<String> lines(Profile profile, int limit, int width) throws IOException {
        Map<Pair, Long> pairs = new HashMap<>();
        long all = 0;
        for (StackCount stack : profile.stacks()) {
            Waker waker = stack.activity().waker();
            if (waker != null) {
                pairs.merge(new Pair(waiter(stack), waker(waker)), stack.count(), Long::sum);
                all += stack.count();
            }
        }
        if (pairs.isEmpty() && !profile.measure().hasStates()) {
            throw new IOException("its values of " + profile.measure().type()
                    + " do not say who ended waits: look at those of off_cpu or wall of a profile that was recorded with --off-cpu"
                    + " --wakers or --wall --wakers");
        }
        if (pairs.isEmpty() && !profile.stacks().isEmpty()) {
            throw new IOException(
                    "it does not say who ended waits: record one with --off-cpu --wakers or --wall --wakers");
        }
        return lines(pairs, all, Quantity.of(profile.measure().unit(), all), limit, width);
    }

    private static List<String> lines(Map<Pair, Long> pairs, long all, Quantity quantity, int limit, int width) {
        List<Map.Entry<Pair, Long>> rows = pairs.entrySet().stream()
                .sorted(Map.Entry.<Pair, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry::getKey, Comparator.comparing(Pair::toString)))
                .toList();
        List<Map.Entry<Pair, Long>> shown = limit > 0 && limit < rows.size() ? rows.subList(0, limit) : rows;
        Columns columns = new Columns("waited", "share %", "who waited", "woken by");
        shown.forEach(row -> columns.add(
                quantity.text(row.getValue()),
                String.format(Locale.ROOT, "%.1f %%", PERCENT * row.getValue() / all),
                row.getKey().waiter(),
                row.getKey().waker()));
        List<String> lines = new ArrayList<>(columns.lines(width));
        if (shown.size() < rows.size()) {
            lines.add("… and " + (rows.size() - shown.size()) + " more: --limit 0 shows all");
        }
        return lines;
    }

    private static String waiter(StackCount stack) {
        return OwnFunction.of(stack.locations()).map(WakerTable::function).orElse(stack.threadName());
    }

    private static String waker(Waker waker) {
        return switch (waker.kind()) {
            case THREAD ->
                OwnFunction.of(waker.locations()).map(WakerTable::function).orElse(waker.threadName());
            case INTERRUPT -> "an interrupt";
            case UNKNOWN -> "who is not known";
            case NOBODY -> "nobody yet";
        };
    }

    private static String function(Location location) {
        Call call = location.innermost();
        String file = call.file().substring(call.file().lastIndexOf('/') + 1);
        String line = call.startLine() > 0 ? ":" + call.startLine() : "";
        return FunctionName.of(location.kind(), call) + (file.isEmpty() ? "" : " " + file + line);
    }
}
