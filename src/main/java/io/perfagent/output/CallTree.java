package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The Python functions of a profile as a tree of text, callers above what they call: a profile at a glance, without a viewer.
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

    private CallTree() {}

    private static final class Node {
        final String name;
        final Map<String, Node> callees = new HashMap<>();
        long samples;

        Node(String name) {
            this.name = name;
        }

        Node callee(String function) {
            return callees.computeIfAbsent(function, Node::new);
        }

        List<Node> heaviestFirst() {
            return callees.values().stream()
                    .sorted(Comparator.comparingLong((Node node) -> -node.samples)
                            .thenComparing(node -> node.name))
                    .toList();
        }
    }

    /** The tree, a function or a chain of them a line, with the share of all samples; about {@code limit} lines, if there are so many. */
    public static List<String> lines(Profile profile, int limit) {
        Node root = tree(profile);
        List<String> lines = List.of();
        for (double least : LEAST_SHARES) {
            lines = new ArrayList<>();
            add(lines, root, 0, least, root.samples);
            if (lines.size() <= limit) {
                break;
            }
        }
        return lines;
    }

    private static Node tree(Profile profile) {
        Node root = new Node("");
        for (StackCount stack : profile.stacks()) {
            root.samples += stack.count();
            Node at = root;
            for (String function : pythonFunctions(stack)) {
                if (!function.equals(at.name)) {
                    at = at.callee(function);
                    at.samples += stack.count();
                }
            }
            if (at == root) {
                root.callee(NO_PYTHON).samples += stack.count();
            }
        }
        return root;
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
    private static List<String> pythonFunctions(StackCount stack) {
        return stack.locations().reversed().stream()
                .filter(location -> location.kind() == Location.Kind.PYTHON)
                .flatMap(location -> location.calls().reversed().stream())
                .map(Call::function)
                .toList();
    }

    private static String shortened(String name) {
        return name.codePointCount(0, name.length()) <= MOST_NAME_CHARS
                ? name
                : name.substring(0, name.offsetByCodePoints(0, MOST_NAME_CHARS)) + "...";
    }
}
