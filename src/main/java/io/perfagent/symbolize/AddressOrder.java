package io.perfagent.symbolize;

/**
 * Sorts entries by address without moving them: a stable merge sort that begins with the runs it finds, since symbol tables
 * and perf maps come mostly sorted.
 */
final class AddressOrder {
    private AddressOrder() {}

    /** The entries 0 … {@code count}−1, lowest unsigned address first, equal addresses in their own order. */
    static int[] of(long[] addresses, int count) {
        int[] order = new int[count];
        int[] runs = new int[count + 1];
        int runCount = 0;
        for (int entry = 0; entry < count; entry++) {
            order[entry] = entry;
            if (entry == 0 || Long.compareUnsigned(addresses[entry - 1], addresses[entry]) > 0) {
                runs[runCount++] = entry;
            }
        }
        runs[runCount] = count;
        return mergeRuns(addresses, order, runs, runCount);
    }

    private static int[] mergeRuns(long[] addresses, int[] order, int[] runs, int runCount) {
        int[] from = order;
        int[] to = new int[order.length];
        int remaining = runCount;
        while (remaining > 1) {
            int merged = 0;
            for (int run = 0; run < remaining; run += 2) {
                int end = runs[Math.min(run + 2, remaining)];
                merge(addresses, from, to, runs[run], runs[Math.min(run + 1, remaining)], end);
                runs[merged++] = runs[run];
            }
            runs[merged] = order.length;
            remaining = merged;
            int[] swapped = from;
            from = to;
            to = swapped;
        }
        return from;
    }

    private static void merge(long[] addresses, int[] from, int[] to, int start, int middle, int end) {
        int left = start;
        int right = middle;
        for (int at = start; at < end; at++) {
            boolean takeLeft = left < middle
                    && (right >= end || Long.compareUnsigned(addresses[from[left]], addresses[from[right]]) <= 0);
            to[at] = takeLeft ? from[left++] : from[right++];
        }
    }
}
