package io.perfagent.unwind.x86_64.flow;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;

/**
 * What is known of jumps that leave the code: they do so in one frame, always the same. PHP's compiler jumps through the word that a register
 * points at to the next instruction's handler, in the frame of the interpreter; what GHC has compiled from Haskell jumps wherever it likes, and
 * never calls another function that it has compiled.
 */
public final class Departure {
    /** Nothing is. */
    public static final Departure UNKNOWN = new Departure(-1, false, Caller.NOTHING);

    /** Bytes: arguments of calls. */
    private static final int MOST_TAKEN = 256;

    private final int register;
    private final boolean byAny;
    private final long caller;

    private Departure(int register, boolean byAny, long caller) {
        this.register = register;
        this.byAny = byAny;
        this.caller = caller;
    }

    /** By each jump out of the code, in a frame that is so far from rsp. */
    public static Departure byAny(UnwindRule.Frame frame) {
        return new Departure(
                -1, true, Caller.sum(Effect.RSP, frame.cfa().offset(), place(frame.rbp()), place(frame.rbx())));
    }

    private static int place(SavedRegister saved) {
        return saved instanceof SavedRegister.AtCfa at ? Caller.savedAt(-at.offset()) : Caller.UNKNOWN;
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
        return new Departure(register, false, Caller.sum(Effect.RSP, Caller.WORD_BYTES * words, rbp, rbx));
    }

    boolean isByAny() {
        return byAny;
    }

    /** Where the frame's parts are at a jump. */
    long of(long jump) {
        return byAny || (Effect.base(jump) == register && Effect.value(jump) == 0) ? caller : Caller.NOTHING;
    }

    /** The same where code returns, as none does that leaves by jumps alone: there are data in it that look so. */
    long atReturn() {
        return byAny ? Caller.NOTHING : Caller.ENTRY;
    }

    /** What is known in the end: of code that leaves by jumps alone, only how much more of the stack it has taken, for registers are where they were saved. */
    long known(long found) {
        if (!byAny || Caller.form(found) != Caller.SUM || Caller.register(found) != Effect.RSP) {
            return byAny ? Caller.NOTHING : found;
        }
        int taken = Caller.offset(found) - Caller.offset(caller);
        return taken < 0 || taken > MOST_TAKEN
                ? Caller.NOTHING
                : Caller.saved(found, Caller.rbp(caller), Caller.rbx(caller));
    }

    /** The same at a jump to where nothing is known. */
    long elsewhere() {
        return byAny ? caller : Caller.NOTHING;
    }

    /** The same at a jump to where a function begins. */
    long toFunction() {
        return byAny ? caller : Caller.ENTRY;
    }
}
