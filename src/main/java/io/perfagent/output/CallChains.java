package io.perfagent.output;

import io.perfagent.model.Frame;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The heaviest chains of Python functions as text, outermost first: a profile at a glance, without a viewer. */
public final class CallChains {
    private static final String NO_PYTHON = "(no Python function)";

    private CallChains() {}

    /**
     * One line a chain, the heaviest first, with its share of all samples; recursion is folded.
     *
     * <pre>
     *    61.3 %  handle → render → fib ×12
     * </pre>
     *
     * @param limit the most lines to give
     */
    public static List<String> heaviest(Profile profile, int limit) {
        Map<String, Long> samples = new HashMap<>();
        for (StackCount stack : profile.stacks()) {
            samples.merge(chain(stack), stack.count(), Long::sum);
        }
        long total = samples.values().stream().mapToLong(Long::longValue).sum();
        return samples.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .map(entry -> line(entry.getKey(), entry.getValue(), total))
                .collect(Collectors.toList());
    }

    private static String line(String chain, long samples, long total) {
        return String.format(Locale.ROOT, "%5.1f %%  %s", 100.0 * samples / total, chain);
    }

    private static String chain(StackCount stack) {
        List<String> links = new ArrayList<>();
        String last = "";
        int times = 0;
        for (Frame frame : stack.frames().reversed()) {
            if (frame.kind() == Frame.Kind.PYTHON) {
                String name = qualifiedName(frame);
                times = name.equals(last) ? times + 1 : 1;
                addOrFold(links, name, times);
                last = name;
            }
        }
        return links.isEmpty() ? NO_PYTHON : String.join(" → ", links);
    }

    private static void addOrFold(List<String> links, String name, int times) {
        if (times == 1) {
            links.add(name);
        } else {
            links.set(links.size() - 1, name + " ×" + times);
        }
    }

    private static String qualifiedName(Frame frame) {
        String name = frame.function();
        return name.startsWith("py::") ? name.substring(4) : name;
    }
}
