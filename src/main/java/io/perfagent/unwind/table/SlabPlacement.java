package io.perfagent.unwind.table;

import java.util.Arrays;

/**
 * Where the rows of each page go when no page may lie in two slabs.
 *
 * <pre>
 *   slab   |· · page 7 · · · · · |page 8 ff|page 9 · · ·          f: the last row of page 8 again,
 *          ↑                               ↑                         so that page 9 begins the slab
 * </pre>
 */
final class SlabPlacement {
    private SlabPlacement() {}

    /**
     * The page index after the move.
     *
     * @param position of the first row, in words
     * @param slab words of a slab, at least those of the longest page
     */
    static int[] index(int[] pageIndex, int position, int slab) {
        int[] index = new int[pageIndex.length];
        int last = pageIndex.length - 1;
        int skipped = 0;
        for (int page = 0; page < last; page++) {
            int count = pageIndex[page + 1] - pageIndex[page];
            int room = slab - (int) (((long) position + pageIndex[page] + skipped) % slab);
            skipped += count > room ? room : 0;
            index[page] = pageIndex[page] + skipped;
        }
        index[last] = pageIndex[last] + skipped;
        return withEmptyPagesAtNext(index, pageIndex);
    }

    /** Copies the rows to where their pages have gone, and fills the gaps. */
    static int[] move(int[] rows, int[] from, int[] to) {
        int[] moved = new int[to[to.length - 1]];
        for (int page = 0; page + 1 < from.length; page++) {
            int count = from[page + 1] - from[page];
            System.arraycopy(rows, from[page], moved, to[page], count);
            if (count > 0) {
                Arrays.fill(moved, to[page] + count, to[page + 1], rows[from[page + 1] - 1]);
            }
        }
        return moved;
    }

    /** What was skipped must not become the rows of a page that has none. */
    private static int[] withEmptyPagesAtNext(int[] index, int[] pageIndex) {
        for (int page = index.length - 2; page >= 0; page--) {
            if (pageIndex[page] == pageIndex[page + 1]) {
                index[page] = index[page + 1];
            }
        }
        return index;
    }
}
