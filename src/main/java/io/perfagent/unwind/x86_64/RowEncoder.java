package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.FrameState;
import io.perfagent.unwind.cfi.UnsupportedRule;
import io.perfagent.unwind.table.EncodedRule;
import io.perfagent.unwind.table.RuleCompiler;
import io.perfagent.unwind.table.RuleDictionary;
import org.jspecify.annotations.Nullable;

/**
 * Packs a rule into a row of {@code bpf/abi.h}. More than 99 % are of one form and are packed as they stand, without an object:
 * CFA = rsp or rbp plus words, the return address below the CFA, rbp and rbx unchanged or a few words further down.
 */
public final class RowEncoder implements RuleCompiler {
    private static final int NOT_SHORT = -1;
    private static final int RETURN_ADDRESS = -8;
    private static final int MAX_SAVED = -8 * UnwindRow.ROW_SAVED_MASK;
    private static final int SHORT_CFA = UnwindRow.ROW_CFA_MASK << 3;
    private static final long BELOW_CFA = FrameState.rule(FrameState.AT_CFA, -8);

    /** Twenty times what the largest libraries add. */
    private static final int MAX_NEW_RULES = 4_096;

    private final RuleDictionary dictionary;
    private final int limit;
    private final Counts<UnsupportedRule> unsupported = new Counts<>(UnsupportedRule.values());
    private final RuleTranslator translator;

    /** @param section the bytes that expressions lie in */
    public RowEncoder(RuleDictionary dictionary, byte[] section) {
        this.dictionary = dictionary;
        this.limit = dictionary.size() + MAX_NEW_RULES;
        this.translator = new RuleTranslator(section, unsupported);
    }

    @Override
    public int rule(FrameState state, Cie cie) {
        int row = isOrdinary(state, cie) ? shortRow(state) : NOT_SHORT;
        return row != NOT_SHORT ? row : encode(translator.translate(state, cie));
    }

    @Override
    public int sharedRule(FrameState state, Cie cie) {
        boolean entered = isOrdinary(state, cie) && state.cfaRegister() == Registers.RSP && state.cfaOffset() > 8;
        return entered && translator.translate(state, cie) instanceof UnwindRule.Frame frame
                ? dictionaryRow(RuleCode.encode(frame.shared()))
                : rule(state, cie);
    }

    /** The row of a rule that comes from elsewhere than from call-frame information. */
    public int row(UnwindRule.Frame frame) {
        boolean mayBeShort = frame.returnAddress() == RETURN_ADDRESS && !frame.checked();
        int row = mayBeShort ? shortRow(frame) : NOT_SHORT;
        return row != NOT_SHORT ? row : dictionaryRow(RuleCode.encode(frame));
    }

    /** The row of a rule that was derived from code, to be checked by whoever walks by it; a stop where there is no room for it. */
    public int derived(UnwindRule.Frame frame) {
        int index = dictionary.indexOf(RuleCode.encode(frame.derived()), limit);
        return index == RuleDictionary.FULL
                ? UnwindRow.stop(WalkEnd.NO_RULE)
                : UnwindRow.rule(UnwindRow.ROW_RULE, index);
    }

    /** The rule of a row that was made by {@link #sharedRule}; null of any other. */
    public UnwindRule.@Nullable Frame shared(int row) {
        boolean large = UnwindRow.op(row) == UnwindRow.ROW_RULE;
        UnwindRule rule = large ? RuleCode.decode(dictionary.rule(row & UnwindRow.ROW_ARGUMENT_MASK)) : null;
        return rule instanceof UnwindRule.Frame frame && frame.cfa() instanceof CfaRule.Shared ? frame : null;
    }

    /** The rule of the last frame that was met whose caller's rsp is not its CFA; null where there was none. */
    public UnwindRule.@Nullable Frame jumpedFrom() {
        return translator.jumpedFrom();
    }

    @Override
    public Counts<UnsupportedRule> unsupported() {
        return unsupported;
    }

    private static boolean isOrdinary(FrameState state, Cie cie) {
        return cie.returnAddress() == Registers.RETURN_ADDRESS
                && !cie.signalFrame()
                && !state.cfaIsExpression()
                && state.ruleOf(Registers.RETURN_ADDRESS) == BELOW_CFA
                && state.ruleOf(Registers.RSP) == FrameState.UNSET;
    }

    private static int shortRow(FrameState state) {
        int rbp = savedWords(state.ruleOf(Registers.RBP));
        int rbx = savedWords(state.ruleOf(Registers.RBX));
        return shortRow(state.cfaRegister(), state.cfaOffset(), rbp, rbx);
    }

    private static int shortRow(UnwindRule.Frame frame) {
        return frame.cfa() instanceof CfaRule.RegisterOffset cfa
                ? shortRow(cfa.register(), cfa.offset(), savedWords(frame.rbp()), savedWords(frame.rbx()))
                : NOT_SHORT;
    }

    private static int shortRow(int register, int offset, int rbp, int rbx) {
        boolean known = register == Registers.RSP || register == Registers.RBP;
        if (!known || (offset & ~SHORT_CFA) != 0 || (rbp | rbx) < 0) {
            return NOT_SHORT;
        }
        int op = register == Registers.RSP ? UnwindRow.ROW_RSP : UnwindRow.ROW_RBP;
        int saved = rbp << UnwindRow.ROW_RBP_SHIFT | rbx;
        return UnwindRow.rule(op, offset >> 3 << UnwindRow.ROW_CFA_SHIFT | saved);
    }

    /** Words below the CFA, 0 for a register that is unchanged, {@link #NOT_SHORT} for all else. */
    private static int savedWords(long rule) {
        if (rule == 0) {
            return 0; // unset
        }
        int kind = FrameState.kind(rule);
        if (kind == FrameState.UNSET || kind == FrameState.SAME_VALUE) {
            return 0;
        }
        return kind == FrameState.AT_CFA ? savedWords(FrameState.value(rule)) : NOT_SHORT;
    }

    private static int savedWords(SavedRegister saved) {
        if (saved instanceof SavedRegister.Unchanged) {
            return 0;
        }
        return saved instanceof SavedRegister.AtCfa at ? savedWords(at.offset()) : NOT_SHORT;
    }

    private static int savedWords(int offset) {
        boolean few = offset < 0 && offset >= MAX_SAVED && (offset & 7) == 0;
        return few ? -offset >> 3 : NOT_SHORT;
    }

    /** By instanceof: a switch over types costs 10 ms when a JVM has just started. */
    private int encode(UnwindRule rule) {
        if (rule instanceof UnwindRule.Stop stop) {
            return UnwindRow.stop(stop.end());
        }
        if (rule instanceof UnwindRule.Frame frame) {
            return row(frame);
        }
        return dictionaryRow(rule instanceof UnwindRule.Popped popped ? RuleCode.encode(popped) : EncodedRule.SIGNAL);
    }

    private int dictionaryRow(EncodedRule rule) {
        int index = dictionary.indexOf(rule, limit);
        return index == RuleDictionary.FULL
                ? encode(translator.unsupported(UnsupportedRule.DICTIONARY_FULL))
                : UnwindRow.rule(UnwindRow.ROW_RULE, index);
    }
}
