package io.perfagent.view.pprof;

/** Memory for what is made of a file beside its bytes: two of them can stand for an object of many. */
final class Room {
    private static final int SHARE_OF_HEAP = 4;

    private long left;

    /** A share of a heap. */
    Room(long heapBytes) {
        left = heapBytes / SHARE_OF_HEAP;
    }

    void take(long bytes) throws BadProfileException {
        left -= bytes;
        if (left < 0) {
            throw new BadProfileException(
                    "it has more functions, addresses and samples than there is room for: take a profile of a shorter time");
        }
    }
}
