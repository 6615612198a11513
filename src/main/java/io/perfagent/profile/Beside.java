package io.perfagent.profile;

import io.perfagent.model.GilUse;
import io.perfagent.model.Sample;

/** What tells stacks apart that have the same frames, as words: who had CPython's lock while a thread waited for it. */
final class Beside {
    private static final int WORDS_SHIFT = 32;
    private static final int GIL_SHIFT = 48;
    private static final int HOLDER_SHIFT = 56;
    private static final int GIL_WORDS = 3;
    private static final long[] NONE = {};

    private Beside() {}

    /** Words of a sample. */
    static int words(Sample sample) {
        return sample.gil().role() == GilUse.Role.AWAITED ? GIL_WORDS : 0;
    }

    /** The same by the head of a record. */
    static int words(long head) {
        return (int) (head >>> WORDS_SHIFT) & 0xffff;
    }

    /** The upper half of a word whose lower half is free. */
    @SuppressWarnings("EnumOrdinal") // within a run
    static long head(Sample sample) {
        return (long) words(sample) << WORDS_SHIFT
                | (long) sample.gil().role().ordinal() << GIL_SHIFT
                | (long) sample.gil().holder().ordinal() << HOLDER_SHIFT;
    }

    static long[] of(Sample sample) {
        GilUse gil = sample.gil();
        return words(sample) == 0 ? NONE : new long[] {gil.tid(), gil.code(), gil.detail()};
    }

    /** What a record says of the lock. */
    static GilUse gil(long head, long[] words, int at) {
        GilUse.Role role = GilUse.Role.of((int) (head >>> GIL_SHIFT) & 0xff);
        GilUse.Holder holder = GilUse.Holder.of((int) (head >>> HOLDER_SHIFT) & 0xff);
        return words(head) == 0
                ? new GilUse(role, holder, 0, 0, 0)
                : new GilUse(role, holder, (int) words[at], words[at + 1], words[at + 2]);
    }
}
