package io.perfagent.python.inject;

import java.util.ArrayList;
import java.util.List;

/**
 * What a thread is to find on its way through the routine.
 *
 * @param evaluatorOnRecord the evaluation function that an earlier run left in the block, 0 for none
 * @param mask of blocked signals that the thread comes with: bit n−1 is signal n
 * @param map what is said of an open map
 * @param lines for the host: answers of the fakes, signals and their handlers
 */
record RoutinePlan(
        Command command, Route route, Restart restart, long evaluatorOnRecord, long mask, Map map, List<String> lines) {
    /** What the block says of an open map, the host's standard input in this case. */
    enum Map {
        NONE,
        /** By its path alone, as where it is not open yet. */
        NAMED,
        RIGHT,
        OTHER_FILE,
        OTHER_DEVICE,
        CLOSED
    }

    /** What the interrupted call is to return. */
    static final long RETURN_VALUE = 0x5eed_0000_5eedL;

    /** SIGUSR2 and two real-time signals. */
    private static final long MASK = 1L << (12 - 1) | 1L << (40 - 1) | 1L << (62 - 1);

    static RoutinePlan of(Command command) {
        return new RoutinePlan(command, Route.PARKED_THREAD, Restart.NONE, 0, MASK, Map.NONE, List.of())
                .with("mask " + Long.toHexString(MASK));
    }

    RoutinePlan by(Route other) {
        return new RoutinePlan(command, other, restart, evaluatorOnRecord, mask, map, lines);
    }

    RoutinePlan restarting(Restart other) {
        return new RoutinePlan(command, route, other, evaluatorOnRecord, mask, map, lines);
    }

    RoutinePlan recording(long evaluator) {
        return new RoutinePlan(command, route, restart, evaluator, mask, map, lines);
    }

    RoutinePlan closing(Map other) {
        return new RoutinePlan(command, route, restart, evaluatorOnRecord, mask, other, lines);
    }

    /** A line of the host's language. */
    RoutinePlan with(String line) {
        List<String> more = new ArrayList<>(lines);
        more.add(line);
        return new RoutinePlan(command, route, restart, evaluatorOnRecord, mask, map, List.copyOf(more));
    }
}
