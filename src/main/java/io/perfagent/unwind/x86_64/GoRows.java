package io.perfagent.unwind.x86_64;

/** Rows for frames of Go functions. */
public final class GoRows {
    private static final int WORD = 8;
    private static final SavedRegister UNCHANGED = new SavedRegister.Unchanged();
    private static final SavedRegister BELOW_RETURN_ADDRESS = new SavedRegister.AtCfa(-2 * WORD);

    private final RowEncoder encoder;

    public GoRows(RowEncoder encoder) {
        this.encoder = encoder;
    }

    /**
     * {@code CFA = rsp + delta + 8}.
     *
     * @param delta bytes, at least 0, that the stack pointer has moved since the function's entry
     * @param rbpSaved whether the caller's rbp is below the return address; it is unchanged otherwise
     */
    public int frame(int delta, boolean rbpSaved) {
        CfaRule cfa = new CfaRule.RegisterOffset(Registers.RSP, delta + WORD);
        return encoder.row(frame(cfa, rbpSaved ? BELOW_RETURN_ADDRESS : UNCHANGED));
    }

    /** {@code CFA = rbp + 16}, wherever the stack pointer is: on this stack or another. */
    public int byFramePointer() {
        return encoder.row(frame(new CfaRule.OtherStack(Registers.RBP, 2 * WORD), BELOW_RETURN_ADDRESS));
    }

    private static UnwindRule.Frame frame(CfaRule cfa, SavedRegister rbp) {
        return new UnwindRule.Frame(cfa, rbp, UNCHANGED, -WORD);
    }
}
