package io.perfagent.view;

import java.util.Arrays;

/** What each row has of a profile: by itself, and with what it calls, once for each sample however often it stands in it. */
final class Totals {
    private final Rows.OfFile rows;
    private long[] self = new long[1 << 10];
    private long[] total = new long[1 << 10];
    private int[] lastSample = new int[1 << 10];
    private int samples;
    private long all;
    private boolean anyNegative;

    Totals(Rows.OfFile rows) {
        this.rows = rows;
    }

    /** @param locations leaf first */
    void add(int[] locations, int depth, long value) {
        samples++;
        all += Math.abs(value);
        anyNegative |= value < 0;
        for (int at = 0; at < depth; at++) {
            int[] of = rows.of(locations[at]);
            for (int row : of) {
                if (row >= self.length) {
                    grow(row);
                }
                if (lastSample[row] != samples) {
                    lastSample[row] = samples;
                    total[row] += value;
                }
            }
            if (at == 0) {
                self[of[0]] += value;
            }
        }
    }

    private void grow(int row) {
        int length = Math.max(row + 1, 2 * self.length);
        self = Arrays.copyOf(self, length);
        total = Arrays.copyOf(total, length);
        lastSample = Arrays.copyOf(lastSample, length);
    }

    boolean anyNegative() {
        return anyNegative;
    }

    long self(int row) {
        return row < self.length ? self[row] : 0;
    }

    long total(int row) {
        return row < total.length ? total[row] : 0;
    }

    /** Of all samples, what is taken away by negative ones counted as well. */
    long all() {
        return all;
    }
}
