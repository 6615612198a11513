package io.perfagent.view.pprof;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Which of the things with ids has which: mostly they count from 1, but any number may be one. */
final class IdIndex {
    private static final int SLACK = 1 << 10;
    static final int NONE = -1;

    private final int[] small;
    private final Map<Long, Integer> large = new HashMap<>();

    /** @param count of the things */
    IdIndex(int count) {
        small = new int[4 * Math.min(count, Integer.MAX_VALUE / 8) + SLACK];
        Arrays.fill(small, NONE);
    }

    /** Refuses ids that are 0, which is none, or are there already. */
    void put(String what, long id, int index) throws BadProfileException {
        boolean isSmall = id > 0 && id < small.length;
        boolean taken = isSmall ? small[(int) id] != NONE : large.putIfAbsent(id, index) != null;
        if (id == 0 || taken) {
            throw BadProfileException.damaged(
                    id == 0
                            ? "a " + what + " has no id"
                            : "two " + what + "s have the id " + Long.toUnsignedString(id));
        }
        if (isSmall) {
            small[(int) id] = index;
        }
    }

    /** {@link #NONE} where nothing has it. */
    int of(long id) {
        if (id >= 0 && id < small.length) {
            return small[(int) id];
        }
        Integer index = large.get(id);
        return index == null ? NONE : index;
    }
}
