package io.perfagent.bpf.abi;

/**
 * {@code struct unwind_rule} of {@code bpf/abi.h} with the enums {@code cfa_op} and {@code saved_op}; offsets in bytes.
 *
 * <pre>
 *    0        1            2       3        4          8          12          16          20        24
 *   +--------+------------+-------+--------+----------+----------+-----------+-----------+---------+
 *   | cfa_op |cfa_register| rbp_op| rbx_op |cfa_offset|cfa_addend|rbp_offset |rbx_offset |ra_offset|
 *   +--------+------------+-------+--------+----------+----------+-----------+-----------+---------+
 * </pre>
 */
public final class RuleLayout {
    public static final int CFA_OP = 0;
    public static final int CFA_REGISTER_NUMBER = 1;
    public static final int RBP_OP = 2;
    public static final int RBX_OP = 3;
    public static final int CFA_OFFSET = 4;
    public static final int CFA_ADDEND = 8;
    public static final int RBP_OFFSET = 12;
    public static final int RBX_OFFSET = 16;
    public static final int RA_OFFSET = 20;
    public static final int SIZE = 24;

    public static final int CFA_REGISTER = 0;
    public static final int CFA_DEREF = 1;
    public static final int CFA_PLT = 2;
    public static final int CFA_SIGNAL = 3;
    public static final int CFA_OTHER_STACK = 4;
    public static final int CFA_POPPED = 5;
    public static final int CFA_SHARED = 6;
    public static final int CFA_FRAME_POINTER = 7;
    public static final int CFA_ELEMENT = 8;
    public static final int CFA_CHECKED = 128;

    public static final int SAVED_UNCHANGED = 0;
    public static final int SAVED_AT_CFA = 1;
    public static final int SAVED_AT_RBP = 2;
    public static final int SAVED_UNDEFINED = 3;

    private RuleLayout() {}
}
