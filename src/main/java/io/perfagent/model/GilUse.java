package io.perfagent.model;

/**
 * What the thread of a sample had to do with CPython's global interpreter lock, as the kernel side read it.
 *
 * @param holder whether it is known who had it, of one that waited for it
 * @param tid of that thread; 0: no sample has met it yet
 * @param code with {@code detail} both words of the frame that it ran, see {@link PythonFrames}; 0 where that is not known
 */
public record GilUse(Role role, Holder holder, int tid, long code, long detail) {
    public static final GilUse NONE = new GilUse(Role.NONE, Holder.KNOWN, 0, 0, 0);

    /** {@code enum gil_role}. */
    public enum Role {
        /** Nothing, or that is not known. */
        NONE,
        HELD,
        AWAITED;

        private static final Role[] ALL = values();

        public static Role of(int number) {
            return ALL[number];
        }
    }

    /** {@code enum gil_holder}. */
    public enum Holder {
        KNOWN(""),
        CHANGED("others have had it since"),
        MOVED("the thread that had it went on while its frame was read"),
        WITHOUT("the thread that had it ran no Python function");

        private static final Holder[] ALL = values();
        private final String description;

        Holder(String description) {
            this.description = description;
        }

        /** Why it is not known who had it and what that ran; empty where it is. */
        public String description() {
            return description;
        }

        public static Holder of(int number) {
            return ALL[number];
        }
    }
}
