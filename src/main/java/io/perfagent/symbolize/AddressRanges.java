package io.perfagent.symbolize;

import java.util.Arrays;

/**
 * Which of many address ranges, numbered by their order of arrival, holds an address. Where ranges overlap, the later one
 * wins; what it leaves uncovered stays with the earlier one.
 *
 * <pre>
 *   0: [──────────────)          bounds  a     b     c     d
 *   1:       [─────)             owners  0     1     0     none
 *      a     b     c  d
 * </pre>
 */
final class AddressRanges {
    static final int NONE = -1;

    private final long[] bounds;
    private final int[] owners;
    private final int count;

    private AddressRanges(Sweep sweep) {
        this.bounds = sweep.bounds;
        this.owners = sweep.owners;
        this.count = sweep.emitted;
    }

    /** The ranges {@code starts[i]} … {@code ends[i]}, end exclusive, both unsigned; one that ends before it starts is empty. */
    static AddressRanges of(long[] starts, long[] ends, int count) {
        Sweep sweep = new Sweep(starts, ends, count);
        sweep.run();
        return new AddressRanges(sweep);
    }

    /** The number of the range that holds the address, or {@link #NONE}. */
    int find(long address) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(bounds[middle], address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? NONE : owners[low - 1];
    }

    /** Moves over the addresses upwards; a heap holds the ranges open at the position, the latest arrival on top. */
    private static final class Sweep {
        private final long[] starts;
        private final long[] ends;
        private final int[] order;
        private int next;
        private int[] heap = new int[16];
        private int open;
        private long[] bounds;
        private int[] owners;
        private int emitted;

        Sweep(long[] starts, long[] ends, int count) {
            this.starts = starts;
            this.ends = ends;
            this.order = AddressOrder.of(starts, count);
            this.bounds = new long[count + 1];
            this.owners = new int[count + 1];
        }

        void run() {
            long position = 0;
            while (next < order.length || open > 0) {
                position = open == 0 ? starts[order[next]] : position;
                openAt(position);
                closeAt(position);
                emit(position, open == 0 ? NONE : heap[0]);
                position = nextBound(position);
            }
        }

        private void openAt(long position) {
            while (next < order.length && Long.compareUnsigned(starts[order[next]], position) <= 0) {
                push(order[next++]);
            }
        }

        private void closeAt(long position) {
            while (open > 0 && Long.compareUnsigned(ends[heap[0]], position) <= 0) {
                pop();
            }
        }

        /** The nearer of the top range's end and the next start; unchanged where neither exists. */
        private long nextBound(long position) {
            if (open == 0) {
                return position;
            }
            long end = ends[heap[0]];
            if (next == order.length) {
                return end;
            }
            long start = starts[order[next]];
            return Long.compareUnsigned(start, end) < 0 ? start : end;
        }

        private void emit(long position, int owner) {
            if (emitted > 0 && owners[emitted - 1] == owner) {
                return;
            }
            if (emitted == bounds.length) {
                bounds = Arrays.copyOf(bounds, emitted * 2);
                owners = Arrays.copyOf(owners, emitted * 2);
            }
            bounds[emitted] = position;
            owners[emitted++] = owner;
        }

        private void push(int entry) {
            if (open == heap.length) {
                heap = Arrays.copyOf(heap, open * 2);
            }
            int at = open++;
            while (at > 0 && heap[(at - 1) / 2] < entry) {
                heap[at] = heap[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            heap[at] = entry;
        }

        private void pop() {
            int entry = heap[--open];
            int at = 0;
            while (2 * at + 1 < open) {
                int child = 2 * at + 1;
                child += child + 1 < open && heap[child + 1] > heap[child] ? 1 : 0;
                if (heap[child] <= entry) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = entry;
        }
    }
}
