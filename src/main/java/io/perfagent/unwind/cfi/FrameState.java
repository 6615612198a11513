package io.perfagent.unwind.cfi;

import java.util.Arrays;

/**
 * One row of the table that a CIE and an FDE describe (DWARF 5, 6.4.1): how the CFA is found, and for each register of the caller
 * the rule that restores it. A register rule is one {@code long}:
 *
 * <pre>
 *    63     35 34  32 31                    0
 *   +---------+------+-----------------------+
 *   |    0    | kind | offset, register, or  |
 *   |         |      | where the expression is|
 *   +---------+------+-----------------------+
 * </pre>
 */
public final class FrameState {
    /** No instruction named the register. */
    public static final int UNSET = 0;

    public static final int UNDEFINED = 1;
    public static final int SAME_VALUE = 2;
    /** Stored at CFA + offset. */
    public static final int AT_CFA = 3;
    /** Its value is CFA + offset. */
    public static final int CFA_PLUS = 4;

    public static final int IN_REGISTER = 5;
    /** Stored where the expression says. */
    public static final int AT_EXPRESSION = 6;
    /** Its value is what the expression says. */
    public static final int EXPRESSION = 7;

    /** Registers that are followed: DWARF numbers below; vector and control registers are above on all our machines. */
    private static final int REGISTERS = 33;

    private static final int NO_EXPRESSION = -1;
    private static final int NO_REGISTER = -1;

    private final long[] rules = new long[REGISTERS];
    private int cfaRegister = NO_REGISTER;
    private int cfaOffset;
    private int cfaExpression = NO_EXPRESSION;

    public static long rule(int kind, int value) {
        return (long) kind << 32 | Integer.toUnsignedLong(value);
    }

    public static int kind(long rule) {
        return (int) (rule >>> 32);
    }

    public static int value(long rule) {
        return (int) rule;
    }

    public boolean hasCfa() {
        return cfaIsExpression() || cfaRegister != NO_REGISTER;
    }

    public boolean cfaIsExpression() {
        return cfaExpression != NO_EXPRESSION;
    }

    /** Position in the section of the block that computes the CFA: a ULEB length, then operations. */
    public int cfaExpression() {
        return cfaExpression;
    }

    /** DWARF number; −1 where no CFA is defined. */
    public int cfaRegister() {
        return cfaRegister;
    }

    public int cfaOffset() {
        return cfaOffset;
    }

    /** The rule of a register by DWARF number. */
    public long ruleOf(int register) {
        return rules[register];
    }

    public void setCfa(int register, int offset) {
        cfaRegister = register;
        cfaOffset = offset;
        cfaExpression = NO_EXPRESSION;
    }

    public void setCfaRegister(int register) {
        setCfa(register, cfaOffset);
    }

    public void setCfaOffset(int offset) {
        cfaOffset = offset;
    }

    public void setCfaExpression(int position) {
        cfaExpression = position;
    }

    /** Rules of registers that no walk needs are dropped. */
    public void set(long register, int kind, int value) {
        if (register >= 0 && register < REGISTERS) {
            rules[(int) register] = rule(kind, value);
        }
    }

    public void restore(long register, FrameState from) {
        if (register >= 0 && register < REGISTERS) {
            rules[(int) register] = from.rules[(int) register];
        }
    }

    void clear() {
        Arrays.fill(rules, 0);
        setCfa(NO_REGISTER, 0);
    }

    public void copyFrom(FrameState other) {
        System.arraycopy(other.rules, 0, rules, 0, REGISTERS);
        cfaRegister = other.cfaRegister;
        cfaOffset = other.cfaOffset;
        cfaExpression = other.cfaExpression;
    }
}
