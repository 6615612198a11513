package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.walker.CodeRows;

/** Frames of code that nothing describes, and whether leaving them by a guess may have jumped over others. Of one walk. */
final class Guesses {
    private static final UnwindRule END_OF_STACK = new UnwindRule.Stop(WalkEnd.END_OF_STACK);
    private static final int NO_MAPPING = UnwindRow.stop(WalkEnd.NO_MAPPING);

    /** Words of a frame that are looked at. */
    private static final long MOST_LOOKED_AT = 256;

    private static final long LOWEST_CODE = 0x10000;
    private static final int ADDRESS_BITS = 47;
    /** Calls in code of one maker are relative: it lies together. */
    private static final long CODE_REGION = 1L << 30;

    private final CodeRows rows;
    private final ReturnAddresses returns;
    private int count;
    private boolean unsure;

    Guesses(CodeRows rows, ReturnAddresses returns) {
        this.rows = rows;
        this.returns = returns;
    }

    /** Frames so far. */
    int count() {
        return count;
    }

    /** Whether one of them may have been several. */
    boolean unsure() {
        return unsure;
    }

    /** The rule, or the reason why there is none. */
    UnwindRule of(StackWalk walk, UnwindRule.Stop stop) {
        boolean atTop = walk.exact() && returns.standsAt(walk, walk.sp()) && leadsToCode(walk, walk.sp());
        UnwindRule rule = atTop ? leaf(walk) : byFramePointer(walk, stop);
        count += rule.equals(stop) ? 0 : 1;
        return rule;
    }

    /** Of a word that no call has left there: it ends the stack, or the walk before it. */
    UnwindRule endOrNoFrame(StackWalk walk, UnwindRule.Stop stop) throws WalkEnded {
        UnwindRule rule = firstFrame(walk, stop);
        if (rule.equals(stop)) {
            throw new NoFrame();
        }
        return rule;
    }

    /** One that has pushed nothing yet, surely where a call leads here. */
    private UnwindRule leaf(StackWalk walk) {
        unsure |= returns.distanceFromCall(walk.wordOrZero(walk.sp()), walk.pc()) == KnownCode.NOT_CALLED;
        return FrameRules.NOTHING_PUSHED;
    }

    /** In a gap of a table, where much is assembly that uses rbp for whatever it likes, only as far as can be checked. */
    private UnwindRule byFramePointer(StackWalk walk, UnwindRule.Stop stop) {
        boolean gap = stop.end() == WalkEnd.NO_RULE;
        if (!returns.framePointer(walk, !gap)) {
            return firstFrame(walk, stop);
        }
        long rbp = walk.known(Registers.RBP);
        if (!leadsToCode(walk, rbp + 8)) {
            return stop;
        }
        long called = stop.end() == WalkEnd.NO_MAPPING ? KnownCode.NOT_CALLED : calledBy(walk, rbp + 8);
        boolean several = rows.keptFrames() != KeptFrames.ALL && maybeSeveral(walk, rbp, called);
        if (several && gap) {
            return stop;
        }
        unsure |= several;
        return FrameRules.FRAME_POINTER;
    }

    /**
     * Where the stack begins: near to where the kernel began it, what libc calls main from; elsewhere rbp is 0 (System V psABI, 3.4.1),
     * which may be by chance.
     */
    private UnwindRule firstFrame(StackWalk walk, UnwindRule.Stop stop) {
        if (walk.exact()) {
            return stop;
        }
        boolean near = walk.isNearFirst();
        boolean none = walk.hasNoFramePointer();
        if (near && (none || returns.exits(walk.instruction()))) {
            return END_OF_STACK;
        }
        if (!none || stop.end() == WalkEnd.NO_RULE) {
            return stop;
        }
        unsure = true;
        return END_OF_STACK;
    }

    /**
     * Whether a frame that ends at rbp may be several: each but the last would have left its return address between rsp and rbp. What
     * was left there by calls that have returned looks the same; but if the caller calls what keeps a frame pointer, near to the frame's
     * code, only calls that lead nearer count.
     */
    private boolean maybeSeveral(StackWalk walk, long rbp, long called) {
        if (Long.compareUnsigned(rbp - walk.sp(), 8 * MOST_LOOKED_AT) > 0) {
            return true;
        }
        for (long at = walk.sp(); at <= rbp - 8; at += 8) {
            long word = walk.wordOrZero(at);
            if (mayBeCode(walk.pc(), word) && returns.plausible(word) && leadsNearer(word, walk.pc(), called)) {
                return true;
            }
        }
        return false;
    }

    /** How near the caller calls code that keeps a frame pointer. */
    private long calledBy(StackWalk walk, long returnAddressAt) {
        long distance = returns.distanceFromCall(walk.wordOrZero(returnAddressAt), walk.pc());
        return distance != KnownCode.NOT_CALLED && returns.keepsFramePointer(walk.pc() - distance)
                ? distance
                : KnownCode.NOT_CALLED;
    }

    private boolean leadsNearer(long returnAddress, long pc, long called) {
        return called == KnownCode.NOT_CALLED || returns.distanceFromCall(returnAddress, pc) < called;
    }

    /** Data may have bytes before it that look like a call. What the process has made itself may be called by any. */
    private boolean leadsToCode(StackWalk walk, long at) {
        long address = walk.wordOrZero(at);
        return address == 0 || rows.isExecutable(address - 1) || rows.row(walk.pc()) == NO_MAPPING;
    }

    private boolean mayBeCode(long near, long address) {
        if (Long.compareUnsigned(address, LOWEST_CODE) < 0 || address >>> ADDRESS_BITS != 0) {
            return false;
        }
        return Math.abs(address - near) < CODE_REGION || rows.row(address) != NO_MAPPING;
    }
}
