package io.perfagent.unwind.x86_64.flow;

/**
 * Where the parts of a frame are when an instruction is about to run, as the way from there to its return tells it: in a word, for there is
 * one for each instruction.
 *
 * <pre>
 *    63  62 61    58 57       34 33       22 21   11 10    0
 *   +------+--------+-----------+-----------+-------+-------+
 *   | form |register|  offset   |  addend   |  rbp  |  rbx  |
 *   +------+--------+-----------+-----------+-------+-------+
 *
 *   form      NOTHING    no way on from here is known
 *             SUM        CFA = register + offset
 *             WORD       CFA = [register + offset] + addend
 *             CONFLICT   two ways say what cannot both be so
 *   rbp, rbx  0 the caller's value is in the register, 1 unknown, k at CFA − 8k
 * </pre>
 */
final class Caller {
    static final int NOTHING_FORM = 0;
    static final int SUM = 1;
    static final int WORD = 2;
    static final int CONFLICT_FORM = 3;

    static final int IN_REGISTER = 0;
    static final int UNKNOWN = 1;

    static final int WORD_BYTES = 8;

    static final long NOTHING = 0;
    static final long CONFLICT = (long) CONFLICT_FORM << 62;

    private static final int FORM_SHIFT = 62;
    private static final int REGISTER_SHIFT = 58;
    private static final int OFFSET_SHIFT = 34;
    private static final int ADDEND_SHIFT = 22;
    private static final int RBP_SHIFT = 11;
    private static final int OFFSET_BITS = 24;
    private static final int ADDEND_BITS = 12;
    private static final int SAVED_MASK = 0x7ff;
    private static final long SAVED = 0x3f_ffff;

    /** Where a function begins, and where it returns: {@code CFA = rsp + 8}, all else as the caller has it. */
    static final long ENTRY = sum(Effect.RSP, WORD_BYTES, IN_REGISTER, IN_REGISTER);

    private Caller() {}

    /** {@link #NOTHING} where the offset is out of all proportion. */
    static long sum(int register, int offset, int rbp, int rbx) {
        return word(SUM, register, offset, 0, rbp, rbx);
    }

    static long word(int register, int offset, int addend, int rbp, int rbx) {
        return word(WORD, register, offset, addend, rbp, rbx);
    }

    private static long word(int form, int register, int offset, int addend, int rbp, int rbx) {
        if (!fits(offset, OFFSET_BITS) || !fits(addend, ADDEND_BITS)) {
            return NOTHING;
        }
        return (long) form << FORM_SHIFT
                | (long) register << REGISTER_SHIFT
                | (offset & ((1L << OFFSET_BITS) - 1)) << OFFSET_SHIFT
                | (addend & ((1L << ADDEND_BITS) - 1)) << ADDEND_SHIFT
                | (long) rbp << RBP_SHIFT
                | rbx;
    }

    static int form(long caller) {
        return (int) (caller >>> FORM_SHIFT);
    }

    static boolean isKnown(long caller) {
        return form(caller) == SUM || form(caller) == WORD;
    }

    /** Whether the return address would lie below the stack pointer, as no rule can have it. */
    static boolean isBelow(long caller) {
        return form(caller) == SUM && register(caller) == Effect.RSP && offset(caller) < WORD_BYTES;
    }

    static int register(long caller) {
        return (int) (caller >>> REGISTER_SHIFT) & 0xf;
    }

    static int offset(long caller) {
        return (int) (caller << (Long.SIZE - OFFSET_SHIFT - OFFSET_BITS) >> (Long.SIZE - OFFSET_BITS));
    }

    static int addend(long caller) {
        return (int) (caller << (Long.SIZE - ADDEND_SHIFT - ADDEND_BITS) >> (Long.SIZE - ADDEND_BITS));
    }

    static int rbp(long caller) {
        return (int) (caller >>> RBP_SHIFT) & SAVED_MASK;
    }

    static int rbx(long caller) {
        return (int) caller & SAVED_MASK;
    }

    /** The same with other places of rbp and rbx. */
    static long saved(long caller, int rbp, int rbx) {
        return (caller & ~SAVED) | (long) rbp << RBP_SHIFT | rbx;
    }

    /** Where a word is that lies so many bytes below the CFA. */
    static int savedAt(int bytes) {
        int words = bytes / WORD_BYTES;
        return bytes % WORD_BYTES == 0 && words > 1 && words <= SAVED_MASK ? words : UNKNOWN;
    }

    /** What is so whichever of two ways is taken. */
    static long meet(long a, long b) {
        if (a == b || form(b) == NOTHING_FORM || form(a) == CONFLICT_FORM) {
            return a;
        }
        if (form(a) == NOTHING_FORM || form(b) == CONFLICT_FORM) {
            return b;
        }
        int rbp = rbp(a) == rbp(b) ? rbp(a) : UNKNOWN;
        int rbx = rbx(a) == rbx(b) ? rbx(a) : UNKNOWN;
        if ((a | SAVED) == (b | SAVED)) {
            return saved(a, rbp, rbx);
        }
        int difference = rank(a) - rank(b);
        return difference == 0 ? CONFLICT : saved(difference < 0 ? a : b, rbp, rbx);
    }

    /** What one knows, and the other where it does not: neither is wrong. */
    static long completed(long caller, long other) {
        if (!isKnown(caller) || !isKnown(other)) {
            return isKnown(caller) ? caller : other;
        }
        return saved(caller, completed(rbp(caller), rbp(other)), completed(rbx(caller), rbx(other)));
    }

    private static int completed(int place, int other) {
        boolean apart = place > UNKNOWN && other > UNKNOWN && place != other;
        return apart ? UNKNOWN : place == UNKNOWN ? other : place;
    }

    /** Of two ways to say what the CFA is, both may be right; the one that other code is less likely to say has the smaller number. */
    private static int rank(long caller) {
        int register = register(caller);
        boolean stack = register == Effect.RSP;
        boolean frame = register == Effect.RBP;
        return (stack ? 64 : frame ? 0 : 1 + register) + (form(caller) == WORD ? 32 : 0);
    }

    private static boolean fits(int number, int bits) {
        return number << (Integer.SIZE - bits) >> (Integer.SIZE - bits) == number;
    }
}
