package io.perfagent.testing.truth;

import java.util.List;
import java.util.Set;

/**
 * Callers from a leaf outwards to the first function of a thread.
 *
 * @param files of the workload, as opposed to those of libraries
 */
record Chain(List<Link> links, Set<String> files) {
    /** A part of a chain. */
    sealed interface Link {}

    /** One function, once. */
    record One(Place place) implements Link {}

    /** One function, any number of times. */
    record Any(Place place) implements Link {}

    /** Functions of other files than the workload's, at least one. */
    record Library() implements Link {}

    /**
     * How well calls follow the chain.
     *
     * @param followed so many do
     * @param fault of the next; empty where there is none
     * @param ended the calls, before the chain did
     */
    record Comparison(int followed, String fault, boolean ended) {
        boolean right() {
            return fault.isEmpty();
        }

        /** Of two that are not right the one that is nearer to it. */
        Comparison or(Comparison other) {
            if (followed != other.followed || fault.isEmpty()) {
                return followed > other.followed ? this : other;
            }
            return new Comparison(followed, fault.contains(other.fault) ? fault : fault + ", " + other.fault, ended);
        }
    }

    Place leaf() {
        if (links.getFirst() instanceof One(Place place)) {
            return place;
        }
        throw new AssertionError("a chain begins with one function: " + links);
    }

    /** Compares the calls of a stack from the leaf outwards. */
    Comparison compare(List<Call> calls, boolean leafIsInnermost, int minor) {
        int at = 0;
        for (Link link : links) {
            int most = link instanceof One ? 1 : calls.size();
            int least = link instanceof Any ? 0 : 1;
            int taken = 0;
            String fault = "";
            while (fault.isEmpty() && taken < most && at < calls.size()) {
                fault = fault(link, calls.get(at), leafIsInnermost && at == 0, minor);
                taken += fault.isEmpty() ? 1 : 0;
                at += fault.isEmpty() ? 1 : 0;
            }
            if (taken < least) {
                boolean ended = at == calls.size();
                return new Comparison(at, ended ? "the stack ends before " + link : fault, ended);
            }
        }
        return new Comparison(at, at == calls.size() ? "" : "behind the end of the chain", false);
    }

    private String fault(Link link, Call call, boolean innermost, int minor) {
        return switch (link) {
            case One(Place place) -> place.fault(call, innermost, minor);
            case Any(Place place) -> place.fault(call, innermost, minor);
            case Library() -> files.contains(call.file()) ? "no function of a library" : "";
        };
    }
}
