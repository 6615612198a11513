package io.perfagent.output;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What has followed two numbers in a row before, so that a number which follows again can be written as its place among these: a caller calls few
 * functions from few lines, and its place is a byte that compresses well. The reader keeps the same lists.
 */
final class Successors {
    private static final int MOST = 64;

    private final Map<Long, Followers> known = new HashMap<>();

    private static final class Followers {
        int[] numbers = new int[2];
        int size;
    }

    /** The place from 1 of a number behind two others; 0 where it has not been there yet, and is from now on if there is room. */
    int place(int secondBefore, int before, int number) {
        Followers list = known.computeIfAbsent(((long) secondBefore << 32) | before, _ -> new Followers());
        for (int at = 0; at < list.size; at++) {
            if (list.numbers[at] == number) {
                return at + 1;
            }
        }
        if (list.size < MOST) {
            if (list.size == list.numbers.length) {
                list.numbers = Arrays.copyOf(list.numbers, 2 * list.size);
            }
            list.numbers[list.size++] = number;
        }
        return 0;
    }
}
