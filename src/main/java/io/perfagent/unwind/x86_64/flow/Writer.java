package io.perfagent.unwind.x86_64.flow;

/** Writes what a {@link Flow} has found as rows: neighbours that say the same as one, and none for what fills the space between functions. */
final class Writer {
    /** What alignment explains. */
    private static final int PADDING = 16;

    private final Stretch code;
    private final long[] callers;
    private final CodeFlow.Rows rows;

    private long last = Caller.NOTHING;

    Writer(Stretch code, long[] callers, CodeFlow.Rows rows) {
        this.code = code;
        this.callers = callers;
        this.rows = rows;
    }

    void write() {
        for (int i = 0; i < code.count(); ) {
            int next = code.behindPadding(i);
            if (next > i) {
                pad(i, next);
                i = next;
            } else {
                row(code.position(i), callers[i]);
                if (!code.isFollowed(i)) {
                    row(code.end(i), Caller.NOTHING);
                }
                i++;
            }
        }
    }

    /** What is before short padding may stand: it saves a row. */
    private void pad(int from, int to) {
        int position = code.position(from);
        int end = code.end(to - 1);
        if (end - position >= PADDING || to == code.count() || code.position(to) != end) {
            row(position, Caller.NOTHING);
        }
    }

    private void row(int position, long caller) {
        if (caller == last) {
            return;
        }
        if (Caller.isKnown(caller)) {
            rows.frame(code.address() + position, CodeFlow.frame(caller));
        } else {
            rows.none(code.address() + position);
        }
        last = caller;
    }
}
