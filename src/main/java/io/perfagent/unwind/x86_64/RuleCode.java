package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.unwind.table.EncodedRule;

/** Between a rule and its entry in the dictionary. */
public final class RuleCode {
    private RuleCode() {}

    static EncodedRule encode(UnwindRule.Frame frame) {
        CfaRule cfa = frame.cfa();
        SavedRegister rbp = frame.rbp();
        SavedRegister rbx = frame.rbx();
        return new EncodedRule(
                cfa.op() | (frame.checked() ? RuleLayout.CFA_CHECKED : 0),
                cfa.registers(),
                rbp.op(),
                rbx.op(),
                cfa.offset(),
                cfa.addend(),
                rbp.offset(),
                rbx.offset(),
                frame.returnAddress());
    }

    static EncodedRule encode(UnwindRule.Popped popped) {
        return new EncodedRule(RuleLayout.CFA_POPPED, popped.register(), 0, 0, popped.offset(), 0, 0, 0, 0);
    }

    public static UnwindRule decode(EncodedRule rule) {
        if (rule.cfaOp() == RuleLayout.CFA_SIGNAL) {
            return new UnwindRule.SignalFrame();
        }
        if (rule.cfaOp() == RuleLayout.CFA_POPPED) {
            return new UnwindRule.Popped(rule.cfaRegister(), rule.cfaOffset());
        }
        SavedRegister rbp = saved(rule.rbpOp(), rule.rbpOffset());
        SavedRegister rbx = saved(rule.rbxOp(), rule.rbxOffset());
        boolean checked = (rule.cfaOp() & RuleLayout.CFA_CHECKED) != 0;
        return new UnwindRule.Frame(cfa(rule), rbp, rbx, rule.raOffset(), checked);
    }

    private static CfaRule cfa(EncodedRule rule) {
        return switch (rule.cfaOp() & ~RuleLayout.CFA_CHECKED) {
            case RuleLayout.CFA_REGISTER -> new CfaRule.RegisterOffset(rule.cfaRegister(), rule.cfaOffset());
            case RuleLayout.CFA_OTHER_STACK -> new CfaRule.OtherStack(rule.cfaRegister(), rule.cfaOffset());
            case RuleLayout.CFA_SHARED -> new CfaRule.Shared(rule.cfaOffset());
            case RuleLayout.CFA_FRAME_POINTER -> new CfaRule.FramePointer();
            case RuleLayout.CFA_DEREF ->
                new CfaRule.Dereference(rule.cfaRegister(), rule.cfaOffset(), rule.cfaAddend());
            case RuleLayout.CFA_ELEMENT -> CfaRule.Element.of(rule.cfaRegister(), rule.cfaOffset(), rule.cfaAddend());
            case RuleLayout.CFA_PLT -> new CfaRule.Plt(rule.cfaAddend());
            default -> throw new IllegalArgumentException("cfa_op " + rule.cfaOp());
        };
    }

    private static SavedRegister saved(int op, int offset) {
        return switch (op) {
            case RuleLayout.SAVED_UNCHANGED -> new SavedRegister.Unchanged();
            case RuleLayout.SAVED_AT_CFA -> new SavedRegister.AtCfa(offset);
            case RuleLayout.SAVED_AT_RBP -> new SavedRegister.AtRbp(offset);
            case RuleLayout.SAVED_UNDEFINED -> new SavedRegister.Unknown();
            default -> throw new IllegalArgumentException("saved_op " + op);
        };
    }
}
