package io.perfagent.output;

import java.util.Arrays;

/** Numbers one behind the other. */
final class IntColumn {
    private int[] numbers = new int[64];
    private int size;

    /** Returns its place. */
    int add(int number) {
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * size);
        }
        numbers[size] = number;
        return size++;
    }

    void set(int at, int number) {
        while (at >= size) {
            int _ = add(0);
        }
        numbers[at] = number;
    }

    int get(int at) {
        return numbers[at];
    }

    int size() {
        return size;
    }
}
