package io.perfagent.profile;

import io.perfagent.model.GilUse;
import io.perfagent.model.Sample;
import io.perfagent.model.Waker;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What tells stacks apart that have the same frames, as words: who had CPython's lock while a thread waited for it, and who ended the wait.
 *
 * <pre>
 *   head     waker:4 holder:4 role:8 words:16, in the upper half
 *   words    [tid │ code │ detail]  [pid:32 tid:32 │ process:32 thread name:32 │ kernel frames │ kernel … │ user …]
 * </pre>
 */
final class Beside {
    private static final int WORDS_SHIFT = 32;
    private static final int GIL_SHIFT = 48;
    private static final int HOLDER_SHIFT = 56;
    private static final int WAKER_SHIFT = 60;
    private static final int GIL_WORDS = 3;
    private static final int WAKER_WORDS = 3;
    private static final long[] NONE = {};

    private Beside() {}

    /** Words of a sample. */
    static long[] of(Sample sample, ToIntFunction<String> names) {
        GilUse gil = sample.gil();
        Sample by = sample.waking().by();
        int first = gil.role() == GilUse.Role.AWAITED ? GIL_WORDS : 0;
        if (first == 0 && by == null) {
            return NONE;
        }
        int frames = by == null ? 0 : WAKER_WORDS + by.kernel().length + by.user().length;
        long[] words = new long[first + frames];
        if (first > 0) {
            words[0] = gil.tid();
            words[1] = gil.code();
            words[2] = gil.detail();
        }
        if (by != null) {
            words[first] = pair(by.pid(), by.tid());
            words[first + 1] = pair(sample.waking().process(), names.applyAsInt(by.threadName()));
            words[first + 2] = by.kernel().length;
            System.arraycopy(by.kernel(), 0, words, first + WAKER_WORDS, by.kernel().length);
            System.arraycopy(by.user(), 0, words, first + WAKER_WORDS + by.kernel().length, by.user().length);
        }
        return words;
    }

    private static long pair(int upper, int lower) {
        return (long) upper << 32 | Integer.toUnsignedLong(lower);
    }

    /** The upper half of a word whose lower half is free. */
    @SuppressWarnings("EnumOrdinal") // within a run
    static long head(Sample sample, int words) {
        long waker =
                sample.waking().number() == 0 ? 0 : 1 + sample.waking().kind().ordinal();
        return (long) words << WORDS_SHIFT
                | (long) sample.gil().role().ordinal() << GIL_SHIFT
                | (long) sample.gil().holder().ordinal() << HOLDER_SHIFT
                | waker << WAKER_SHIFT;
    }

    /** How many there are by the head of a record. */
    static int words(long head) {
        return (int) (head >>> WORDS_SHIFT) & 0xffff;
    }

    private static GilUse.Role role(long head) {
        return GilUse.Role.of((int) (head >>> GIL_SHIFT) & 0xff);
    }

    /** What a record says of the lock. */
    static GilUse gil(long head, long[] words, int at) {
        GilUse.Role role = role(head);
        GilUse.Holder holder = GilUse.Holder.of((int) (head >>> HOLDER_SHIFT) & 0xf);
        return role == GilUse.Role.AWAITED
                ? new GilUse(role, holder, (int) words[at], words[at + 1], words[at + 2])
                : new GilUse(role, holder, 0, 0, 0);
    }

    /** What it says of the waker; null where that was not asked for. */
    static @Nullable CountedWaker waker(long head, long[] words, int start, IntFunction<String> names) {
        int number = (int) (head >>> WAKER_SHIFT);
        if (number == 0) {
            return null;
        }
        Waker.Kind kind = Waker.Kind.of(number - 1);
        if (kind != Waker.Kind.THREAD) {
            return new CountedWaker(kind, 0, 0, 0, "", NONE, NONE);
        }
        int at = start + (role(head) == GilUse.Role.AWAITED ? GIL_WORDS : 0);
        int kernel = at + WAKER_WORDS;
        int user = kernel + (int) words[at + 2];
        return new CountedWaker(
                kind,
                (int) (words[at + 1] >>> 32),
                (int) (words[at] >>> 32),
                (int) words[at],
                names.apply((int) words[at + 1]),
                Arrays.copyOfRange(words, kernel, user),
                Arrays.copyOfRange(words, user, start + words(head)));
    }
}
