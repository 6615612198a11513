package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.RuleCode;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;

/** Says what a row means: the other direction of {@link RowEncoder}. */
public final class RowDecoder {
    private static final int RETURN_ADDRESS = -8;

    private final RuleDictionary dictionary;

    /** @param dictionary the one that the rows were compiled with */
    public RowDecoder(RuleDictionary dictionary) {
        this.dictionary = dictionary;
    }

    /** @param row a row of {@link UnwindRow}; its offset does not matter */
    public UnwindRule decode(int row) {
        int argument = UnwindRow.argument(row);
        return switch (UnwindRow.op(row)) {
            case UnwindRow.ROW_RSP -> frame(Registers.RSP, argument);
            case UnwindRow.ROW_RBP -> frame(Registers.RBP, argument);
            case UnwindRow.ROW_RULE -> inDictionary(argument);
            default -> new UnwindRule.Stop(WalkEnd.of(argument));
        };
    }

    private UnwindRule inDictionary(int index) {
        return index < dictionary.size()
                ? RuleCode.decode(dictionary.rule(index))
                : new UnwindRule.Stop(WalkEnd.UNSUPPORTED_RULE);
    }

    private static UnwindRule frame(int register, int argument) {
        int offset = 8 * (argument >>> UnwindRow.ROW_CFA_SHIFT & UnwindRow.ROW_CFA_MASK);
        SavedRegister rbp = saved(argument >>> UnwindRow.ROW_RBP_SHIFT & UnwindRow.ROW_SAVED_MASK);
        SavedRegister rbx = saved(argument & UnwindRow.ROW_SAVED_MASK);
        return new UnwindRule.Frame(new CfaRule.RegisterOffset(register, offset), rbp, rbx, RETURN_ADDRESS);
    }

    private static SavedRegister saved(int words) {
        return words == 0 ? new SavedRegister.Unchanged() : new SavedRegister.AtCfa(-8 * words);
    }
}
