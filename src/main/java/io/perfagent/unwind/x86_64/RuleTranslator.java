package io.perfagent.unwind.x86_64;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiExpression;
import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.ExpressionReader;
import io.perfagent.unwind.cfi.FrameState;
import io.perfagent.unwind.cfi.UnsupportedRule;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Says in our rules what a row of call-frame information says, or why that is not possible. */
final class RuleTranslator {
    /** {@code breg7 8; breg16 0; lit15; and; litN; ge; lit3; shl; plus}, as linkers write it; N at {@link #PLT_N}. */
    private static final byte[] PLT = {0x77, 8, (byte) 0x80, 0, 0x3f, 0x1a, 0x30, 0x2a, 0x33, 0x24, 0x22};

    private static final int PLT_N = 6;
    private static final int LIT0 = 0x30;
    /** At a function's {@code ret}, as at its start. */
    private static final CfaRule NO_FRAME = new CfaRule.RegisterOffset(Registers.RSP, 8);

    /** Of rsp in the ucontext that rt_sigreturn finds at rsp. */
    private static final int UCONTEXT_RSP = 160;

    private final ExpressionReader expressions;
    private final Counts<UnsupportedRule> unsupported;
    private UnwindRule.@Nullable Frame jumpedFrom;

    RuleTranslator(byte[] section, Counts<UnsupportedRule> unsupported) {
        this.expressions = new ExpressionReader(section);
        this.unsupported = unsupported;
    }

    UnwindRule translate(FrameState state, Cie cie) {
        if (cie.returnAddress() != Registers.RETURN_ADDRESS) {
            return unsupported(UnsupportedRule.RETURN_ADDRESS);
        }
        long returnAddress = state.ruleOf(Registers.RETURN_ADDRESS);
        if (FrameState.kind(returnAddress) == FrameState.UNDEFINED) {
            return new UnwindRule.Stop(WalkEnd.END_OF_STACK);
        }
        if (cie.signalFrame() && isKernels(state)) {
            return new UnwindRule.SignalFrame();
        }
        if (FrameState.kind(returnAddress) != FrameState.AT_CFA) {
            return isPopped(state, returnAddress)
                    ? new UnwindRule.Popped(FrameState.value(returnAddress), state.cfaOffset())
                    : unsupported(UnsupportedRule.RETURN_ADDRESS);
        }
        if (!stackPointerIsCfa(state.ruleOf(Registers.RSP))) {
            return elsewhere(state, FrameState.value(returnAddress));
        }
        return frame(state, FrameState.value(returnAddress));
    }

    /** The rule of the last frame whose CFA was not where its caller's rsp is, as that of GHC's StgRun; null where there was none. */
    UnwindRule.@Nullable Frame jumpedFrom() {
        return jumpedFrom;
    }

    /** Of a frame whose CFA and whose caller's rsp are so far apart as both are sums of one register: as if the CFA were where rsp is. */
    private UnwindRule elsewhere(FrameState state, int returnAddress) {
        long rsp = state.ruleOf(Registers.RSP);
        boolean sum = FrameState.kind(rsp) == FrameState.EXPRESSION && !state.cfaIsExpression();
        if (sum
                && expressions.read(FrameState.value(rsp)) instanceof CfiExpression.Sum(int register, long offset)
                && register == state.cfaRegister()
                && isRegister(register)
                && fits(offset)) {
            int apart = (int) offset - state.cfaOffset();
            jumpedFrom = new UnwindRule.Frame(
                    new CfaRule.RegisterOffset(register, (int) offset),
                    lower(saved(state.ruleOf(Registers.RBP), Registers.RBP), apart),
                    lower(saved(state.ruleOf(Registers.RBX), Registers.RBX), apart),
                    returnAddress - apart);
            return jumpedFrom;
        }
        return unsupported(UnsupportedRule.STACK_POINTER);
    }

    private static SavedRegister lower(SavedRegister saved, int bytes) {
        return saved instanceof SavedRegister.AtCfa(int offset) ? new SavedRegister.AtCfa(offset - bytes) : saved;
    }

    UnwindRule unsupported(UnsupportedRule cause) {
        unsupported.count(cause);
        return new UnwindRule.Stop(WalkEnd.UNSUPPORTED_RULE);
    }

    /** Others that are marked as signal frames, such as functions of OCaml, are left as their rules say. */
    private boolean isKernels(FrameState state) {
        return state.cfaIsExpression()
                && expressions.read(state.cfaExpression()) instanceof CfiExpression.Dereference word
                && word.register() == Registers.RSP
                && word.offset() == UCONTEXT_RSP
                && word.addend() == 0;
    }

    private static boolean isPopped(FrameState state, long returnAddress) {
        int register = FrameState.value(returnAddress);
        return FrameState.kind(returnAddress) == FrameState.IN_REGISTER
                && register >= 0
                && register < Registers.RETURN_ADDRESS
                && state.cfaRegister() == Registers.RSP
                && !state.cfaIsExpression()
                && state.cfaOffset() >= 0
                && stackPointerIsCfa(state.ruleOf(Registers.RSP))
                && isUnchanged(state.ruleOf(Registers.RBP))
                && isUnchanged(state.ruleOf(Registers.RBX));
    }

    private static boolean isUnchanged(long rule) {
        return rule == FrameState.UNSET || FrameState.kind(rule) == FrameState.SAME_VALUE;
    }

    private static boolean stackPointerIsCfa(long rule) {
        return rule == FrameState.UNSET || rule == FrameState.rule(FrameState.CFA_PLUS, 0);
    }

    private UnwindRule frame(FrameState state, int returnAddress) {
        if (!state.hasCfa()) {
            return unsupported(UnsupportedRule.NO_CFA);
        }
        CfaRule cfa = state.cfaIsExpression()
                ? cfaExpression(state.cfaExpression())
                : new CfaRule.RegisterOffset(state.cfaRegister(), state.cfaOffset());
        if (cfa == null) {
            return unsupported(UnsupportedRule.CFA_EXPRESSION);
        }
        if (!isRegister(cfa.register())) {
            return unsupported(UnsupportedRule.CFA_REGISTER);
        }
        SavedRegister rbp = saved(state.ruleOf(Registers.RBP), Registers.RBP);
        SavedRegister rbx = saved(state.ruleOf(Registers.RBX), Registers.RBX);
        boolean none = cfa.equals(NO_FRAME);
        return new UnwindRule.Frame(cfa, none ? inRegister(rbp) : rbp, none ? inRegister(rbx) : rbx, returnAddress);
    }

    /** Behind the last pop of a frame that has realigned its stack, GCC still says that registers lie where rbp pointed in it. */
    private static SavedRegister inRegister(SavedRegister saved) {
        return saved instanceof SavedRegister.AtRbp ? new SavedRegister.Unchanged() : saved;
    }

    private @Nullable CfaRule cfaExpression(int position) {
        byte[] operations = expressions.operations(position);
        if (isPlt(operations)) {
            return new CfaRule.Plt(operations[PLT_N] - LIT0);
        }
        CfiExpression expression = expressions.read(position);
        if (expression instanceof CfiExpression.Sum(int register, long offset) && fits(offset)) {
            return new CfaRule.RegisterOffset(register, (int) offset);
        }
        if (expression instanceof CfiExpression.Dereference(int register, long offset, long addend)
                && fits(offset)
                && fits(addend)) {
            return new CfaRule.Dereference(register, (int) offset, (int) addend);
        }
        if (expression instanceof CfiExpression.DereferencedElement(int register, int index, long offset, long addend)
                && isRegister(index)
                && fits(offset)
                && fits(addend)) {
            return new CfaRule.Element(register, index, (int) offset, (int) addend);
        }
        return null;
    }

    private static boolean isRegister(int number) {
        return number >= 0 && number < Registers.RETURN_ADDRESS;
    }

    private static boolean isPlt(byte[] operations) {
        if (operations.length != PLT.length || operations[PLT_N] < LIT0 || operations[PLT_N] > LIT0 + 31) {
            return false;
        }
        byte[] pattern = Arrays.copyOf(PLT, PLT.length);
        pattern[PLT_N] = operations[PLT_N];
        return Arrays.equals(pattern, operations);
    }

    private SavedRegister saved(long rule, int register) {
        int value = FrameState.value(rule);
        return switch (FrameState.kind(rule)) {
            case FrameState.UNSET, FrameState.SAME_VALUE -> new SavedRegister.Unchanged();
            case FrameState.AT_CFA -> new SavedRegister.AtCfa(value);
            case FrameState.AT_EXPRESSION -> savedAt(expressions.readFromCfa(value));
            case FrameState.IN_REGISTER ->
                value == register ? new SavedRegister.Unchanged() : new SavedRegister.Unknown();
            default -> new SavedRegister.Unknown();
        };
    }

    private static SavedRegister savedAt(@Nullable CfiExpression address) {
        if (address instanceof CfiExpression.Sum(int register, long offset) && fits(offset)) {
            if (register == Registers.RBP) {
                return new SavedRegister.AtRbp((int) offset);
            }
            if (register == CfiExpression.CFA) {
                return new SavedRegister.AtCfa((int) offset);
            }
        }
        return new SavedRegister.Unknown();
    }

    private static boolean fits(long number) {
        return number == (int) number;
    }
}
