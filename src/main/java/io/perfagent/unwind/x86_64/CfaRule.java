package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.RuleLayout;

/**
 * How the canonical frame address is found: the stack pointer before the call, which is the caller's. The methods are the fields of
 * {@code struct unwind_rule}.
 */
public sealed interface CfaRule {
    /** An {@code enum cfa_op}. */
    int op();

    /** DWARF number, 0 to 15. */
    int register();

    /** What names both where there are two. */
    default int registers() {
        return register();
    }

    /** Bytes. */
    int offset();

    /** Bytes, or the threshold of {@link Plt}. */
    int addend();

    /** {@code CFA = register + offset}. */
    record RegisterOffset(int register, int offset) implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_REGISTER;
        }

        @Override
        public int addend() {
            return 0;
        }
    }

    /** {@code CFA = register + offset}, on a stack that may lie anywhere: functions that go on on another. */
    record OtherStack(int register, int offset) implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_OTHER_STACK;
        }

        @Override
        public int addend() {
            return 0;
        }
    }

    /**
     * {@code CFA = rsp + offset}, for all of a piece of code that is jumped into and may call parts of itself: of such a part, which has
     * pushed no more than its return address, {@code CFA = rsp + 8}.
     */
    record Shared(int offset) implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_SHARED;
        }

        @Override
        public int register() {
            return Registers.RSP;
        }

        @Override
        public int addend() {
            return 0;
        }
    }

    /**
     * {@code CFA = rbp + 16}, in code that keeps frame pointers; of a leaf that has none yet, or no more, {@code CFA = rsp + 8}, or 16 where
     * it has just pushed rbp.
     */
    record FramePointer() implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_FRAME_POINTER;
        }

        @Override
        public int register() {
            return Registers.RBP;
        }

        @Override
        public int offset() {
            return 16;
        }

        @Override
        public int addend() {
            return 0;
        }
    }

    /** {@code CFA = [register + offset] + addend}: functions that realign their stack. */
    record Dereference(int register, int offset, int addend) implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_DEREF;
        }
    }

    /** {@code CFA = [register + 8 · index + offset] + addend}: OpenSSL's, on a stack of as many words as a number has. */
    record Element(int register, int index, int offset, int addend) implements CfaRule {
        private static final int INDEX_SHIFT = 4;

        static Element of(int registers, int offset, int addend) {
            return new Element(registers & ((1 << INDEX_SHIFT) - 1), registers >>> INDEX_SHIFT, offset, addend);
        }

        @Override
        public int op() {
            return RuleLayout.CFA_ELEMENT;
        }

        @Override
        public int registers() {
            return register | index << INDEX_SHIFT;
        }
    }

    /**
     * {@code CFA = rsp + 8 + ((rip & 15) >= threshold ? 8 : 0)}: an entry of the procedure linkage table is 16 bytes, and pushes
     * one word on its way.
     */
    record Plt(int threshold) implements CfaRule {
        @Override
        public int op() {
            return RuleLayout.CFA_PLT;
        }

        @Override
        public int register() {
            return Registers.RSP;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int addend() {
            return threshold;
        }
    }
}
