package io.perfagent.bpf.abi;

import io.perfagent.model.WalkEnd;

/**
 * One row of an unwind table as the kernel reads it; mirrors {@code enum row_op} and {@code enum row_bits} of
 * {@code bpf/abi.h}.
 *
 * <pre>
 *    31        20 19 18 17                    0
 *   +------------+-----+-----------------------+
 *   | pc &amp; 0xfff | op  | argument              |
 *   +------------+-----+-----------------------+
 *                |← what the row says: its rule →|
 *
 *   RSP, RBP: argument = [17:10] CFA / 8   [9:5] rbp   [4:0] rbx, both in words below the CFA, 0 = unchanged
 *   RULE:     argument = index into the dictionary
 *   STOP:     argument = ordinal of a WalkEnd
 * </pre>
 */
public final class UnwindRow {
    public static final int ROW_RSP = 0;
    public static final int ROW_RBP = 1;
    public static final int ROW_RULE = 2;
    public static final int ROW_STOP = 3;

    public static final int ROW_OFFSET_SHIFT = 20;
    public static final int ROW_OP_SHIFT = 18;
    public static final int ROW_CFA_SHIFT = 10;
    public static final int ROW_RBP_SHIFT = 5;
    public static final int ROW_RULE_MASK = 0xfffff;
    public static final int ROW_ARGUMENT_MASK = 0x3ffff;
    public static final int ROW_CFA_MASK = 0xff;
    public static final int ROW_SAVED_MASK = 0x1f;

    /** Rows lie in slabs of so many words, and those of one page in one slab. */
    public static final int SLAB_WORDS = 1 << 18;

    private UnwindRow() {}

    /** A row's rule, at offset 0. */
    public static int rule(int op, int argument) {
        return op << ROW_OP_SHIFT | argument;
    }

    /** The rule that ends a walk. */
    @SuppressWarnings("EnumOrdinal") // the contract's numbers are WalkEnd's ordinals
    public static int stop(WalkEnd end) {
        return rule(ROW_STOP, end.ordinal());
    }

    /** The rule of a row without its offset: equal for rows that say the same. */
    public static int ruleOf(int row) {
        return row & ROW_RULE_MASK;
    }

    /** Offset in its page, 0 to 4095. */
    public static int offset(int row) {
        return row >>> ROW_OFFSET_SHIFT;
    }

    public static int op(int row) {
        return row >>> ROW_OP_SHIFT & 3;
    }

    public static int argument(int row) {
        return row & ROW_ARGUMENT_MASK;
    }
}
