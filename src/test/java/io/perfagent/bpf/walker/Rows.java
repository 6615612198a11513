package io.perfagent.bpf.walker;

import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.unwind.table.EncodedRule;

/** Short ways to write rules down. */
public final class Rows {
    private Rows() {}

    /** CFA = rsp + words. */
    public static int rsp(int words) {
        return row(UnwindRow.ROW_RSP, words, 0, 0);
    }

    /** CFA = rsp + words, with rbp and rbx saved so many words below it (0: unchanged). */
    public static int rsp(int words, int rbp, int rbx) {
        return row(UnwindRow.ROW_RSP, words, rbp, rbx);
    }

    /** CFA = rbp + words. */
    public static int rbp(int words, int rbp, int rbx) {
        return row(UnwindRow.ROW_RBP, words, rbp, rbx);
    }

    /** What {@code push %rbp; mov %rsp,%rbp} leaves. */
    public static int framePointer() {
        return rbp(2, 2, 0);
    }

    /** CFA = register + offset; the return address below it, nothing saved. */
    public static EncodedRule register(int number, int offset) {
        return new EncodedRule(RuleLayout.CFA_REGISTER, number, 0, 0, offset, 0, 0, 0, -8);
    }

    /** CFA = register + offset, wherever that is; rbp saved below the return address. */
    public static EncodedRule otherStack(int number, int offset) {
        return new EncodedRule(RuleLayout.CFA_OTHER_STACK, number, RuleLayout.SAVED_AT_CFA, 0, offset, 0, -16, 0, -8);
    }

    /** CFA = rsp + offset, but in parts that the code has called. */
    public static EncodedRule shared(int offset) {
        return new EncodedRule(RuleLayout.CFA_SHARED, CpuRegisters.RSP, 0, 0, offset, 0, 0, 0, -8);
    }

    /** The same as a rule that has to be checked. */
    public static EncodedRule checked(EncodedRule rule) {
        return new EncodedRule(
                rule.cfaOp() | RuleLayout.CFA_CHECKED,
                rule.cfaRegister(),
                rule.rbpOp(),
                rule.rbxOp(),
                rule.cfaOffset(),
                rule.cfaAddend(),
                rule.rbpOffset(),
                rule.rbxOffset(),
                rule.raOffset());
    }

    /** Code that keeps frame pointers. */
    public static EncodedRule keptFramePointer() {
        return checked(new EncodedRule(
                RuleLayout.CFA_FRAME_POINTER, CpuRegisters.RBP, RuleLayout.SAVED_AT_CFA, 0, 16, 0, -16, 0, -8));
    }

    /** CFA = rsp + offset; the return address in a register. */
    public static EncodedRule popped(int number, int offset) {
        return new EncodedRule(RuleLayout.CFA_POPPED, number, 0, 0, offset, 0, 0, 0, 0);
    }

    /** CFA = [register + offset] + addend. */
    public static EncodedRule dereference(int number, int offset, int addend) {
        return new EncodedRule(RuleLayout.CFA_DEREF, number, 0, 0, offset, addend, 0, 0, -8);
    }

    /** CFA = [register + 8 · index + offset] + addend. */
    public static EncodedRule element(int number, int index, int offset, int addend) {
        return new EncodedRule(RuleLayout.CFA_ELEMENT, number | index << 4, 0, 0, offset, addend, 0, 0, -8);
    }

    /** CFA = rsp + 8, or 16 from the entry's instruction at {@code pushed} on. */
    public static EncodedRule plt(int pushed) {
        return new EncodedRule(RuleLayout.CFA_PLT, CpuRegisters.RSP, 0, 0, 8, pushed, 0, 0, -8);
    }

    /** CFA = rsp + size, with rbp and rbx where the {@code enum saved_op} says. */
    public static EncodedRule saving(int size, int rbpOp, int rbpOffset, int rbxOp, int rbxOffset) {
        return new EncodedRule(
                RuleLayout.CFA_REGISTER, CpuRegisters.RSP, rbpOp, rbxOp, size, 0, rbpOffset, rbxOffset, -8);
    }

    private static int row(int op, int cfa, int rbp, int rbx) {
        return UnwindRow.rule(op, cfa << UnwindRow.ROW_CFA_SHIFT | rbp << UnwindRow.ROW_RBP_SHIFT | rbx);
    }
}
