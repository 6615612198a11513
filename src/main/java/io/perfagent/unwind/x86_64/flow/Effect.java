package io.perfagent.unwind.x86_64.flow;

/**
 * What an instruction does, in a word: there are a hundred thousand of them in a stretch.
 *
 * <pre>
 *    63      32 31      16 15  12 11    8 7      0
 *   +----------+----------+------+--------+--------+
 *   |  value   |   mask   | base |register|  kind  |
 *   +----------+----------+------+--------+--------+
 * </pre>
 *
 * Registers have the numbers of their encoding. The mask is of those that the instruction changes otherwise than its kind says. The value is
 * a number of bytes or, of jumps and calls, a position.
 */
final class Effect {
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    static final int RBX = 3;
    static final int RSP = 4;
    static final int RBP = 5;
    static final int RSI = 6;
    static final int RDI = 7;
    static final int R11 = 11;

    private static final int REGISTER_SHIFT = 8;
    private static final int BASE_SHIFT = 12;
    private static final int MASK_SHIFT = 16;
    private static final int VALUE_SHIFT = 32;

    private static final int[] DWARF = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};

    private Effect() {}

    /** The number that call-frame information has for a register. */
    static int dwarf(int register) {
        return DWARF[register];
    }

    @SuppressWarnings("EnumOrdinal") // packed, never stored
    static long of(Kind kind, int register, int base, int mask, int value) {
        return kind.ordinal()
                | (long) register << REGISTER_SHIFT
                | (long) base << BASE_SHIFT
                | (mask & 0xffffL) << MASK_SHIFT
                | (long) value << VALUE_SHIFT;
    }

    static Kind kind(long effect) {
        return Kind.of((int) effect & 0xff);
    }

    static int register(long effect) {
        return (int) effect >>> REGISTER_SHIFT & 0xf;
    }

    static int base(long effect) {
        return (int) effect >>> BASE_SHIFT & 0xf;
    }

    static int mask(long effect) {
        return (int) effect >>> MASK_SHIFT;
    }

    static int value(long effect) {
        return (int) (effect >>> VALUE_SHIFT);
    }

    static long withValue(long effect, int value) {
        return (effect & 0xffff_ffffL) | (long) value << VALUE_SHIFT;
    }
}
