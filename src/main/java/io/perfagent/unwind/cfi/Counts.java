package io.perfagent.unwind.cfi;

/**
 * How often each cause occurred.
 *
 * @param <E> the causes
 */
@SuppressWarnings("EnumOrdinal") // a dense array, never stored
public final class Counts<E extends Enum<E>> {
    private final E[] causes;
    private final int[] counts;

    /** @param causes all values of the enum, in order */
    public Counts(E[] causes) {
        this.causes = causes;
        this.counts = new int[causes.length];
    }

    public void count(E cause) {
        counts[cause.ordinal()]++;
    }

    public int of(E cause) {
        return counts[cause.ordinal()];
    }

    public int total() {
        int total = 0;
        for (int count : counts) {
            total += count;
        }
        return total;
    }

    /** The causes that occurred, as {@code NAME=count} pairs; {@code ""} if none did. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (E cause : causes) {
            if (of(cause) > 0) {
                text.append(text.isEmpty() ? "" : " ").append(cause).append('=').append(of(cause));
            }
        }
        return text.toString();
    }
}
