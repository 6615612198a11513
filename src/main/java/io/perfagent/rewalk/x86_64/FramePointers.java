package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.Snippet;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.util.List;

/** Frames of code that keeps frame pointers, of which nothing more exact is known. A leaf may not have its own yet, or no more, or never any. */
final class FramePointers {
    private static final int ROW = 0; // is not asked for

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

    FramePointers(KnownCode code, ReturnAddresses returns, Callers callers) {
        this.code = code;
        this.returns = returns;
        this.callers = callers;
    }

    /** The rule of a frame, which is to be checked. */
    UnwindRule rule(StackWalk walk) {
        if (walk.exact() && code.matches(PUSHED, walk.pc())) {
            return JUST_PUSHED;
        }
        if (walk.exact() && (code.matches(WITHOUT_FRAME, walk.pc()) || standsAtTop(walk))) {
            return FrameRules.NOTHING_PUSHED.derived();
        }
        return returns.framePointer(walk, false) ? FrameRules.FRAME_POINTER.derived() : NOT_CALLED;
    }

    /** Whether the word at rsp is a return address, which words that a frame has put there hardly ever are. */
    private boolean standsAtTop(StackWalk walk) {
        try {
            return callers.find(walk, walk.sp()) == Callers.Found.CALLED;
        } catch (WalkEnded _) {
            return false;
        }
    }
}
