package io.perfagent.top;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/** The intervals of the last minute, and the sums of all. For one thread. */
final class Window {
    /** An eighth of the heap; a frame of a stack is a reference. */
    private static final long MOST_FRAMES = Runtime.getRuntime().maxMemory() / 8 / Integer.BYTES;

    private static final Duration KEPT = Span.MINUTE.length().plusSeconds(5);

    private final long mostFrames;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private Sums all = new Sums();
    private long frames;
    private Losses losses = Losses.NONE;

    private record Kept(Slice slice, Sums sums, long frames) {}

    Window() {
        this(MOST_FRAMES);
    }

    /** @param mostFrames that the stacks of intervals may have together; older ones are given up sooner where they have more */
    Window(long mostFrames) {
        this.mostFrames = mostFrames;
    }

    void add(Slice slice) {
        Sums sums = Sums.of(slice);
        all.add(sums);
        losses = Losses.of(slice.facts());
        kept.addLast(new Kept(slice, sums, slice.size()));
        frames += kept.getLast().frames;
        while (kept.size() > 1 && (frames > mostFrames || covered().compareTo(KEPT) > 0)) {
            frames -= kept.removeFirst().frames;
        }
    }

    /** Of the last interval. */
    Losses losses() {
        return losses;
    }

    /** Stay as they are. */
    Sums sums(Span span) {
        Sums sums = new Sums();
        if (span == Span.ALL) {
            sums.add(all);
        } else {
            last(span).forEach(one -> sums.add(one.sums));
        }
        return sums;
    }

    /** The intervals of a span as far as they are kept, the oldest first. */
    List<Slice> slices(Span span) {
        return last(span).stream().map(Kept::slice).toList();
    }

    /** What was before counts no more. */
    void clear() {
        kept.clear();
        frames = 0;
        all = new Sums();
    }

    private List<Kept> last(Span span) {
        List<Kept> last = new ArrayList<>();
        Duration covered = Duration.ZERO;
        for (Iterator<Kept> newest = kept.descendingIterator(); newest.hasNext(); ) {
            Kept one = newest.next();
            Duration half = one.sums.covered().dividedBy(2); // an interval is a little longer or shorter than asked for
            if (!last.isEmpty() && covered.plus(half).compareTo(span.length()) > 0) {
                break;
            }
            covered = covered.plus(one.sums.covered());
            last.addFirst(one);
        }
        return last;
    }

    private Duration covered() {
        return kept.stream().map(one -> one.sums.covered()).reduce(Duration.ZERO, Duration::plus);
    }
}
