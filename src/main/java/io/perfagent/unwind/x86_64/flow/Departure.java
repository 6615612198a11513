package io.perfagent.unwind.x86_64.flow;

import io.perfagent.bpf.abi.UnwindRow;

/**
 * What is known of jumps through memory: those through the word that a register points at leave the code in one frame, always the same. So
 * PHP's compiler jumps to the next instruction's handler, in the frame of the interpreter.
 */
public final class Departure {
    /** Nothing is. */
    public static final Departure UNKNOWN = new Departure(-1, Caller.NOTHING);

    private final int register;
    private final long caller;

    private Departure(int register, long caller) {
        this.register = register;
        this.caller = caller;
    }

    /**
     * By the rule of a frame.
     *
     * @param register number of its encoding
     * @param row of {@link UnwindRow}; of one that says more than how far the CFA is from rsp nothing is known
     */
    public static Departure through(int register, int row) {
        int words = row >>> UnwindRow.ROW_CFA_SHIFT & UnwindRow.ROW_CFA_MASK;
        if (UnwindRow.op(row) != UnwindRow.ROW_RSP || words == 0) {
            return UNKNOWN;
        }
        int rbp = row >>> UnwindRow.ROW_RBP_SHIFT & UnwindRow.ROW_SAVED_MASK;
        int rbx = row & UnwindRow.ROW_SAVED_MASK;
        return new Departure(register, Caller.sum(Effect.RSP, Caller.WORD_BYTES * words, rbp, rbx));
    }

    /** Where the frame's parts are at a jump. */
    long of(long jump) {
        return Effect.base(jump) == register && Effect.value(jump) == 0 ? caller : Caller.NOTHING;
    }
}
