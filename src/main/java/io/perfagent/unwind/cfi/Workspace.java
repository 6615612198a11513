package io.perfagent.unwind.cfi;

/**
 * The memory that one table may take while it is made: what compiles asks before it allocates, and gives back what it lets go of. One
 * thread at a time.
 */
public final class Workspace {
    private final long limit;
    private long used;

    public Workspace(long limit) {
        this.limit = limit;
    }

    /** For files that are trusted. */
    public static Workspace unlimited() {
        return new Workspace(Long.MAX_VALUE);
    }

    /** Ends the compilation where there is not as much. */
    public void take(long bytes) {
        if (bytes > limit - used) {
            throw new NoRoom();
        }
        used += bytes;
    }

    public void giveBack(long bytes) {
        used -= bytes;
    }

    /** A table needs more memory than it may take. Unchecked, for nothing between who allocates and who compiles can go on. */
    public static final class NoRoom extends RuntimeException {
        private static final long serialVersionUID = 1;

        public NoRoom() {
            super("more memory than a table may take while it is made", null, false, false);
        }
    }
}
