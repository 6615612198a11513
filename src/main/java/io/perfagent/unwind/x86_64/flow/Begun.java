package io.perfagent.unwind.x86_64.flow;

/**
 * Where the parts of a frame are when an instruction is about to run, as the way to there from where its function begins tells it.
 *
 * <pre>
 *    63  62  61   60    59       37 36       22 21   11 10    0
 *   +---+---+---+-------+-----------+-----------+-------+-------+
 *   |way|rsp|rbp|perhaps| CFA − rsp | CFA − rbp |  rbp  |  rbx  |
 *   +---+---+---+-------+-----------+-----------+-------+-------+
 *
 *   way       whether there is one
 *   rsp, rbp  whether the offset behind it is known
 *   perhaps   whether it begins where a function does by all looks, but nothing says so
 *   rbp, rbx  as those of {@link Caller}
 * </pre>
 */
final class Begun {
    /** No way leads there. */
    static final long NOWHERE = 0;

    private static final long WAY = 1L << 63;
    private static final long BY_RSP = 1L << 62;
    private static final long BY_RBP = 1L << 61;
    private static final long PERHAPS = 1L << 60;
    private static final int RSP_SHIFT = 37;
    private static final int RSP_BITS = 23;
    private static final int RBP_SHIFT = 22;
    private static final int RBP_BITS = 15;
    private static final int SAVED_SHIFT = 11;
    private static final int SAVED_MASK = 0x7ff;
    private static final long SAVED = 0x3f_ffff;
    private static final long RSP_FIELD = BY_RSP | ((1L << RSP_BITS) - 1) << RSP_SHIFT;
    private static final long RBP_FIELD = BY_RBP | ((1L << RBP_BITS) - 1) << RBP_SHIFT;

    /** Where a function begins. */
    static final long ENTRY = byRsp(WAY, Caller.WORD_BYTES);

    /** Where one may begin. */
    static final long PERHAPS_ENTRY = ENTRY | PERHAPS;

    private Begun() {}

    static boolean isPerhaps(long begun) {
        return (begun & PERHAPS) != 0;
    }

    static boolean isReached(long begun) {
        return begun != NOWHERE;
    }

    static boolean knowsRsp(long begun) {
        return (begun & BY_RSP) != 0;
    }

    static boolean knowsRbp(long begun) {
        return (begun & BY_RBP) != 0;
    }

    /** {@code CFA − rsp}, if known. */
    static int rsp(long begun) {
        return (int) (begun << (Long.SIZE - RSP_SHIFT - RSP_BITS) >> (Long.SIZE - RSP_BITS));
    }

    /** {@code CFA − rbp}, if known. */
    static int rbp(long begun) {
        return (int) (begun << (Long.SIZE - RBP_SHIFT - RBP_BITS) >> (Long.SIZE - RBP_BITS));
    }

    static int savedRbp(long begun) {
        return (int) (begun >>> SAVED_SHIFT) & SAVED_MASK;
    }

    static int savedRbx(long begun) {
        return (int) begun & SAVED_MASK;
    }

    static long byRsp(long begun, int offset) {
        boolean fits = offset << (Integer.SIZE - RSP_BITS) >> (Integer.SIZE - RSP_BITS) == offset;
        long field = BY_RSP | (offset & ((1L << RSP_BITS) - 1)) << RSP_SHIFT;
        return (begun & ~RSP_FIELD) | (fits ? field : 0);
    }

    static long byRbp(long begun, int offset) {
        boolean fits = offset << (Integer.SIZE - RBP_BITS) >> (Integer.SIZE - RBP_BITS) == offset;
        long field = BY_RBP | (offset & ((1L << RBP_BITS) - 1)) << RBP_SHIFT;
        return (begun & ~RBP_FIELD) | (fits ? field : 0);
    }

    static long withoutRsp(long begun) {
        return begun & ~RSP_FIELD;
    }

    static long withoutRbp(long begun) {
        return begun & ~RBP_FIELD;
    }

    static long saved(long begun, int rbp, int rbx) {
        return (begun & ~SAVED) | (long) rbp << SAVED_SHIFT | rbx;
    }

    /** What is so by whichever of two ways one comes. */
    static long meet(long a, long b) {
        if (a == b || !isReached(b)) {
            return a;
        }
        if (!isReached(a)) {
            return b;
        }
        long met = (a & RSP_FIELD) == (b & RSP_FIELD) ? a : withoutRsp(a);
        met = (a & RBP_FIELD) == (b & RBP_FIELD) ? met : withoutRbp(met);
        return saved(
                met | (b & PERHAPS),
                savedRbp(a) == savedRbp(b) ? savedRbp(a) : Caller.UNKNOWN,
                savedRbx(a) == savedRbx(b) ? savedRbx(a) : Caller.UNKNOWN);
    }

    /** The same as the way to the return says it; {@link Caller#NOTHING} where the CFA is not known. */
    static long caller(long begun) {
        if (knowsRsp(begun)) {
            return Caller.sum(Effect.RSP, rsp(begun), savedRbp(begun), savedRbx(begun));
        }
        return knowsRbp(begun) ? Caller.sum(Effect.RBP, rbp(begun), savedRbp(begun), savedRbx(begun)) : Caller.NOTHING;
    }
}
