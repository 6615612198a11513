package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.UnwindRule;
import org.jspecify.annotations.Nullable;

/** A thread that was interrupted in HotSpot's interpreter, or on the way there or back. */
final class InterpreterLeaf {
    private static final long MOST_FRAME_BYTES = 1 << 20;
    private static final long MOST_ARGUMENT_BYTES = 1 << 12;
    private static final long RETURN_ENTRY_BYTES = 256;

    private final ReturnAddresses returns;

    InterpreterLeaf(ReturnAddresses returns) {
        this.returns = returns;
    }

    /** Where a method runs, rbp is its frame, and the word for rsp is 0: only frames that call have one there. */
    UnwindRule rule(StackWalk walk) {
        long rbp = walk.known(Registers.RBP);
        boolean made = made(walk, rbp);
        boolean runs = made && (rbp - walk.sp() < 16 || walk.wordOrZero(rbp - 16) == 0);
        UnwindRule entry = runs ? null : entry(walk);
        if (entry != null) {
            return entry;
        }
        return made ? new UnwindRule.Interpreted() : new UnwindRule.Stop(WalkEnd.NO_RULE);
    }

    private boolean made(StackWalk walk, long rbp) {
        return below(rbp - walk.sp() - 8, MOST_FRAME_BYTES)
                && below(walk.wordOrZero(rbp - 8) - rbp - 16, MOST_FRAME_BYTES)
                && returns.standsAt(walk, rbp + 8);
    }

    /**
     * Between a call and the frame for it, or between that frame's end and its caller: the return address is on the stack, or on its way
     * from one place there to the next in rax or r13. Null where it is neither.
     */
    @Nullable
    UnwindRule entry(StackWalk walk) {
        long sp = walk.sp();
        long passed = passedSp(walk);
        if (returns.standsAt(walk, sp)) {
            return new UnwindRule.Found(walk.wordOrZero(sp), passed > sp ? passed : sp + 8, 0);
        }
        if (returns.standsAt(walk, sp + 8)) {
            return new UnwindRule.Found(walk.wordOrZero(sp + 8), passed > sp + 8 ? passed : sp + 16, sp);
        }
        long r13 = walk.known(Registers.R13);
        boolean justReturned = below(r13 - walk.pc() + RETURN_ENTRY_BYTES, 2 * RETURN_ENTRY_BYTES);
        long rax = walk.known(Registers.RAX);
        long address = returns.plausible(rax) ? rax : !justReturned && returns.plausible(r13) ? r13 : 0;
        return address == 0 ? null : new UnwindRule.Found(address, passed == 0 ? sp : passed, 0);
    }

    /** The caller's rsp, as calls of the interpreter pass it in r13, and as it returns, in rbx; 0 where it is in neither. */
    private static long passedSp(StackWalk walk) {
        long r13 = walk.known(Registers.R13);
        long rbx = walk.known(Registers.RBX);
        return below(r13 - walk.sp(), MOST_ARGUMENT_BYTES + 1)
                ? r13
                : below(rbx - walk.sp(), MOST_ARGUMENT_BYTES + 1) ? rbx : 0;
    }

    private static boolean below(long value, long bound) {
        return Long.compareUnsigned(value, bound) < 0;
    }
}
