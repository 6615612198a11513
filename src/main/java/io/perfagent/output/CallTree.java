package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The Python functions of a profile, or all of them, as a tree of text, callers above what they call: a profile at a glance, without a viewer.
 *
 * <pre>
 *   99.1 %  Thread._bootstrap → 9 more → application
 *   58.2 %    Shop.search
 *   31.0 %      matches
 *   40.3 %    Shop.catalog → render_page
 * </pre>
 *
 * What calls one function nearly always shares its line with it, so that lines begin where stacks differ. Recursion is folded.
 */
public final class CallTree {
    private static final String NO_PYTHON = "(no Python function)";
    private static final int MOST_NAME_CHARS = 60;
    /** A function that calls another in so many of its samples shares its line. */
    private static final double NEARLY_ALWAYS = 0.9;
    /** Functions with a smaller share of all samples are left out: the first of these that leaves few enough lines. */
    private static final double[] LEAST_SHARES = {0.01, 0.02, 0.03, 0.05, 0.1, 0.2};

    /** Each stack's functions by number, outermost first, a function that calls itself once. */
    private final List<int[]> paths = new ArrayList<>();

    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final IdentityHashMap<Location, int[]> numbersOf = new IdentityHashMap<>();
    private final long[] samples; // of each stack
    private long all;

    private CallTree(Profile profile, Function<Location, List<String>> functions) {
        this.samples = new long[profile.stacks().size()];
        for (StackCount stack : profile.stacks()) {
            samples[paths.size()] = stack.count();
            all += stack.count();
            paths.add(path(stack.locations(), functions));
        }
    }

    private static final class Node {
        final String name;
        final int depth;
        final int[] stacks;
        final List<Node> callees = new ArrayList<>();
        final long samples;

        Node(String name, int depth, int[] stacks, long samples) {
            this.name = name;
            this.depth = depth;
            this.stacks = stacks;
            this.samples = samples;
        }

        List<Node> heaviestFirst() {
            return callees.stream()
                    .sorted(Comparator.comparingLong((Node node) -> -node.samples)
                            .thenComparing(node -> node.name))
                    .toList();
        }
    }

    /**
     * The tree of Python functions, a function or a chain of them a line, with the share of all samples; about {@code limit} lines, if there are
     * so many.
     */
    public static List<String> lines(Profile profile, int limit) {
        return new CallTree(profile, CallTree::pythonFunctions).lines(limit);
    }

    /** The same of all functions. */
    public static List<String> ofAll(Profile profile, int limit) {
        return new CallTree(profile, CallTree::allFunctions).lines(limit);
    }

    private List<String> lines(int limit) {
        Node root = grown();
        List<String> lines = List.of();
        for (double least : LEAST_SHARES) {
            lines = new ArrayList<>();
            add(lines, root, 0, least, all);
            if (lines.size() <= limit) {
                break;
            }
        }
        return lines;
    }

    private int[] path(List<Location> locations, Function<Location, List<String>> functions) {
        int[] path = new int[16];
        int length = 0;
        for (int at = locations.size() - 1; at >= 0; at--) {
            for (int number :
                    numbersOf.computeIfAbsent(locations.get(at), location -> numbers(functions.apply(location)))) {
                if (length == 0 || path[length - 1] != number) {
                    path = length == path.length ? Arrays.copyOf(path, 2 * length) : path;
                    path[length++] = number;
                }
            }
        }
        return Arrays.copyOf(path, length);
    }

    private int[] numbers(List<String> functions) {
        return functions.stream().mapToInt(this::number).toArray();
    }

    private int number(String function) {
        Integer known = numbers.putIfAbsent(function, names.size());
        if (known != null) {
            return known;
        }
        names.add(function);
        return names.size() - 1;
    }

    /** Only what can be shown becomes a node: all that there is would be as many as frames. */
    private Node grown() {
        Node root = new Node("", 0, IntStream.range(0, paths.size()).toArray(), all);
        Deque<Node> growing = new ArrayDeque<>(List.of(root));
        while (!growing.isEmpty()) {
            Node node = growing.pop();
            grow(node);
            growing.addAll(node.callees);
        }
        addWithoutAny(root);
        return root;
    }

    private void grow(Node node) {
        Map<Integer, List<Integer>> called = new HashMap<>();
        for (int stack : node.stacks) {
            int[] path = paths.get(stack);
            if (path.length > node.depth) {
                called.computeIfAbsent(path[node.depth], _ -> new ArrayList<>()).add(stack);
            }
        }
        called.forEach((function, stacks) -> {
            int[] of = stacks.stream().mapToInt(Integer::intValue).toArray();
            long sum = IntStream.of(of).mapToLong(stack -> samples[stack]).sum();
            if (sum >= LEAST_SHARES[0] * all || sum >= NEARLY_ALWAYS * node.samples) {
                node.callees.add(new Node(names.get(function), node.depth + 1, of, sum));
            }
        });
    }

    private void addWithoutAny(Node root) {
        int[] without = IntStream.of(root.stacks)
                .filter(stack -> paths.get(stack).length == 0)
                .toArray();
        long sum = IntStream.of(without).mapToLong(stack -> samples[stack]).sum();
        if (sum > 0) {
            root.callees.add(new Node(NO_PYTHON, 0, without, sum));
        }
    }

    private static void add(List<String> lines, Node caller, int depth, double least, long all) {
        for (Node callee : caller.heaviestFirst()) {
            if (callee.samples >= least * all) {
                List<Node> chain = chain(callee);
                lines.add(String.format(Locale.ROOT, "%5.1f %%  ", 100.0 * callee.samples / all)
                        + "  ".repeat(depth)
                        + text(chain));
                add(lines, chain.getLast(), depth + 1, least, all);
            }
        }
    }

    /** A function, and what it nearly always calls, and what that calls … */
    private static List<Node> chain(Node first) {
        List<Node> chain = new ArrayList<>(List.of(first));
        for (Node at = first; at != null; ) {
            List<Node> callees = at.heaviestFirst();
            boolean one = !callees.isEmpty() && callees.getFirst().samples >= NEARLY_ALWAYS * at.samples;
            at = one ? callees.getFirst() : null;
            if (at != null) {
                chain.add(at);
            }
        }
        return chain;
    }

    private static String text(List<Node> chain) {
        String first = shortened(chain.getFirst().name);
        String last = shortened(chain.getLast().name);
        return switch (chain.size()) {
            case 1 -> first;
            case 2 -> first + " → " + last;
            default -> first + " → " + (chain.size() - 2) + " more → " + last;
        };
    }

    /** Outermost first. */
    private static List<String> pythonFunctions(Location location) {
        return location.kind() == Location.Kind.PYTHON
                ? location.calls().reversed().stream().map(Call::function).toList()
                : List.of();
    }

    private static List<String> allFunctions(Location location) {
        return location.calls().reversed().stream()
                .map(call -> FunctionName.of(location.kind(), call))
                .toList();
    }

    private static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= MOST_NAME_CHARS
                ? name
                : name.substring(0, name.offsetByCodePoints(0, MOST_NAME_CHARS)) + "...";
    }
}
