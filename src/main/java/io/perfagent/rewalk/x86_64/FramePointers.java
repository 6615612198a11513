package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.Snippet;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.walker.CodeRows;
import java.util.List;

/** Frames of code that keeps frame pointers, of which nothing more exact is known. A leaf may not have its own yet, or no more, or never any. */
final class FramePointers {
    private static final int ROW = 0; // is not asked for
    /** Words of a frame that are looked at. */
    private static final long MOST_LOOKED_AT = 256;

    private static final List<Snippet> WITHOUT_FRAME =
            List.of(Snippet.of("", "55", ROW), Snippet.of("", "c3", ROW), Snippet.of("", "f3 0f 1e fa", ROW));
    private static final List<Snippet> PUSHED =
            List.of(Snippet.of("55", "48 89 e5", ROW), Snippet.of("55", "48 8b ec", ROW));

    private static final UnwindRule NOT_CALLED = new UnwindRule.Stop(WalkEnd.NOT_CALLED);
    private static final UnwindRule JUST_PUSHED = new UnwindRule.Frame(
                    new CfaRule.RegisterOffset(Registers.RSP, 16),
                    new SavedRegister.AtCfa(-16),
                    new SavedRegister.Unchanged(),
                    -8)
            .derived();

    private final KnownCode code;
    private final ReturnAddresses returns;
    private final Callers callers;
    private final CodeRows rows;
    private final RowDecoder decoder;
    private final CodeMemory memory;
    private final FramedCode framed;
    private boolean unsure;

    FramePointers(
            KnownCode code,
            ReturnAddresses returns,
            Callers callers,
            CodeRows rows,
            RowDecoder decoder,
            CodeMemory memory) {
        this.rows = rows;
        this.decoder = decoder;
        this.memory = memory;
        this.framed = new FramedCode(memory);
        this.code = code;
        this.returns = returns;
        this.callers = callers;
    }

    /** Whether a frame may have been jumped over. */
    boolean unsure() {
        return unsure;
    }

    /**
     * The rule of a frame of code that a process has made, all of which keeps frame pointers: it has frames throughout, and what it leaves at rsp may be
     * anything. But for a leaf whose function has its frame made by another, which it has not called yet: its return address
     * is on top still. And for a leaf of a maker of whom nothing is known, which leaves rbp to its callers: those in files, which may have no
     * frame pointers, have left their return addresses. They know the code by its address only.
     * Unless the code says where it returns that it has a frame.
     */
    UnwindRule ruleOfMade(StackWalk walk) {
        if (walk.exact() && code.matches(PUSHED, walk.pc())) {
            return JUST_PUSHED;
        }
        FramedCode.Place place = walk.exact() ? framed.place(walk.pc()) : FramedCode.Place.IN_FRAME;
        if (place != FramedCode.Place.IN_FRAME && returns.standsAt(walk, walk.sp())) {
            unsure |= place == FramedCode.Place.TAKEN_DOWN;
            return FrameRules.NOTHING_PUSHED.derived();
        }
        if (!returns.framePointer(walk, false)) {
            return NOT_CALLED;
        }
        unsure |= walk.exact()
                && (returns.standsAt(walk, walk.sp()) || jumpsOverDescribed(walk, walk.known(Registers.RBP)))
                && !hasFrameByCode(walk.pc());
        return FrameRules.FRAME_POINTER.derived();
    }

    /** Whether the code itself says, up to where it returns, that the frame is where rbp points. */
    private boolean hasFrameByCode(long pc) {
        int row = rows.made(memory, pc);
        return UnwindRow.op(row) == UnwindRow.ROW_RULE
                && decoder.decode(row) instanceof UnwindRule.Frame frame
                && frame.cfa().equals(FrameRules.FRAME_POINTER.cfa());
    }

    private boolean jumpsOverDescribed(StackWalk walk, long rbp) {
        if (Long.compareUnsigned(rbp - walk.sp(), 8 * MOST_LOOKED_AT) > 0) {
            return true;
        }
        for (long at = walk.sp(); at <= rbp - 8; at += 8) {
            long word = walk.wordOrZero(at);
            if (isDescribed(word) && returns.plausible(word) && !returns.isDirect(word)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a table has a rule for what would return to an address. */
    private boolean isDescribed(long address) {
        return UnwindRow.op(rows.row(address - 1)) != UnwindRow.ROW_STOP;
    }

    /** The rule of a frame, which is to be checked. */
    UnwindRule rule(StackWalk walk) {
        if (walk.exact() && code.matches(PUSHED, walk.pc())) {
            return JUST_PUSHED;
        }
        if (walk.exact() && code.matches(WITHOUT_FRAME, walk.pc())) {
            return FrameRules.NOTHING_PUSHED.derived();
        }
        if (walk.exact() && standsAtTop(walk)) {
            unsure |= !surelyStandsAtTop(walk);
            return FrameRules.NOTHING_PUSHED.derived();
        }
        return returns.framePointer(walk, false) ? FrameRules.FRAME_POINTER.derived() : NOT_CALLED;
    }

    /**
     * Whether that is a leaf's return address for certain: it returns to code of the same kind, as handlers of V8's bytecodes do; or the call
     * before it leads here, or the leaf makes its frame soon or returns, and what has called it has a frame: its own return address is not next.
     */
    private boolean surelyStandsAtTop(StackWalk walk) {
        long address = walk.wordOrZero(walk.sp());
        if (rows.row(address - 1) == rows.row(walk.pc())) {
            return true;
        }
        boolean called = returns.distanceFromCall(address, walk.pc()) != KnownCode.NOT_CALLED
                || framed.place(walk.pc()) == FramedCode.Place.OUTSIDE;
        return called && !returns.standsAt(walk, walk.sp() + 8);
    }

    /** Whether the word at rsp is a return address, which words that a frame has put there hardly ever are, but what others have left may be. */
    private boolean standsAtTop(StackWalk walk) {
        try {
            return callers.find(walk, walk.sp()) == Callers.Found.CALLED;
        } catch (WalkEnded _) {
            return false;
        }
    }
}
