package io.perfagent.unwind.cfi;

import java.util.Arrays;

/**
 * The FDEs of a section: their ranges and instructions, column by column, and sorted by where they begin. Of two that begin at the
 * same address the later in the file comes later.
 */
public final class FdeList {
    public static final int MAX_FDES = 1 << 21;

    /** Of all columns. */
    private static final int BYTES = 8 + 4 + 4 + 4 + 8;

    private final long base;
    private final Workspace workspace;
    private int count;
    private long[] ends = new long[1024];
    private int[] from = new int[1024];
    private int[] to = new int[1024];
    private Cie[] cies = new Cie[1024];
    /** Start of the range from {@code base}, above the position in the columns. */
    private long[] order = new long[1024];

    /**
     * An empty list.
     *
     * @param base ELF address; ranges begin in the 2 GiB above it
     * @param workspace has room for what it grows by
     */
    public FdeList(long base, Workspace workspace) {
        this.base = base;
        this.workspace = workspace;
    }

    public void add(Cie cie, int instructionsFrom, int instructionsTo, long start, long end) throws MalformedCfi {
        if (count == MAX_FDES) {
            throw new MalformedCfi(CfiError.TOO_MANY);
        }
        if (count == ends.length) {
            grow(count + count / 2);
        }
        order[count] = (start - base) << 32 | count;
        ends[count] = end;
        from[count] = instructionsFrom;
        to[count] = instructionsTo;
        cies[count++] = cie;
    }

    public void sort() {
        Arrays.sort(order, 0, count);
    }

    public int count() {
        return count;
    }

    public long start(int index) {
        return base + (order[index] >>> 32);
    }

    /** Where the range ends, exclusive; where the next begins before that, the next one has precedence. */
    public long end(int index) {
        long end = ends[column(index)];
        return index + 1 < count ? Math.min(end, start(index + 1)) : end;
    }

    public int from(int index) {
        return from[column(index)];
    }

    public int to(int index) {
        return to[column(index)];
    }

    public Cie cie(int index) {
        return cies[column(index)];
    }

    private int column(int index) {
        return (int) order[index];
    }

    private void grow(int size) {
        workspace.take((long) BYTES * size);
        order = Arrays.copyOf(order, size);
        ends = Arrays.copyOf(ends, size);
        from = Arrays.copyOf(from, size);
        to = Arrays.copyOf(to, size);
        workspace.giveBack((long) BYTES * cies.length);
        cies = Arrays.copyOf(cies, size);
    }
}
