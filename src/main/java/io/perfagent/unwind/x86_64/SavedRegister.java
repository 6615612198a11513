package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.RuleLayout;

/** Where the caller's value of a register that calls preserve is. */
public sealed interface SavedRegister {
    /** An {@code enum saved_op}. */
    int op();

    /** Bytes; 0 where the rule has none. */
    default int offset() {
        return 0;
    }

    /** {@code caller's = this frame's}. */
    record Unchanged() implements SavedRegister {
        @Override
        public int op() {
            return RuleLayout.SAVED_UNCHANGED;
        }
    }

    /** {@code caller's = [CFA + offset]}. */
    record AtCfa(int offset) implements SavedRegister {
        @Override
        public int op() {
            return RuleLayout.SAVED_AT_CFA;
        }
    }

    /** {@code caller's = [rbp + offset]}, with this frame's rbp: functions that realign their stack. */
    record AtRbp(int offset) implements SavedRegister {
        @Override
        public int op() {
            return RuleLayout.SAVED_AT_RBP;
        }
    }

    /** Lost, or somewhere that our rules cannot express: the walk ends only if an outer frame needs it. */
    record Unknown() implements SavedRegister {
        @Override
        public int op() {
            return RuleLayout.SAVED_UNDEFINED;
        }
    }
}
