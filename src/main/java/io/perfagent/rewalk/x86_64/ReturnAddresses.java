package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.unwind.x86_64.Registers;
import org.jspecify.annotations.Nullable;

/** Whether what stands where a return address is guessed may be one: it must lead behind a call, or may be the stack's end. */
final class ReturnAddresses {
    /** No frame is larger, where rbp is guessed to be a frame pointer. */
    private static final long LARGEST_FRAME = 1 << 20;

    private final KnownCode code;
    private final @Nullable HotSpotEntry jvm;

    /** @param jvm the process's, whose interpreter has its callees return to where it has not called */
    ReturnAddresses(KnownCode code, @Nullable HotSpotEntry jvm) {
        this.code = code;
        this.jvm = jvm;
    }

    /** Whether an address may be one. */
    boolean plausible(long address) {
        return address != 0 && (inInterpreter(address) || code.followsCall(address));
    }

    /** Whether it is in HotSpot's interpreter, where callees return to whatever has called. */
    boolean inInterpreter(long address) {
        return jvm != null && jvm.inInterpreter(address);
    }

    /** Whether one may stand at an address of the stack. */
    boolean standsAt(StackWalk walk, long at) {
        return standsAt(walk, at, false);
    }

    /** Whether rbp may be a frame pointer, or the last of a chain of them. */
    boolean framePointer(StackWalk walk, boolean mayEnd) {
        try {
            long rbp = walk.register(Registers.RBP);
            return Long.compareUnsigned(rbp, walk.sp()) >= 0
                    && Long.compareUnsigned(rbp - walk.sp(), LARGEST_FRAME) <= 0
                    && (rbp & 7) == 0
                    && standsAt(walk, rbp + 8, mayEnd);
        } catch (WalkEnded _) {
            return false;
        }
    }

    /** Whether the instruction before says whom it calls. */
    boolean isDirect(long returnAddress) {
        return code.followsDirectCall(returnAddress);
    }

    /** As {@link KnownCode#distanceFromCall}. */
    long distanceFromCall(long returnAddress, long pc) {
        return code.distanceFromCall(returnAddress, pc);
    }

    /** As {@link KnownCode#keepsFramePointer}. */
    boolean keepsFramePointer(long address) {
        return code.keepsFramePointer(address);
    }

    /** Whether what was returned is passed on to a call: exit(main(…)). */
    boolean exits(long returnAddress) {
        return code.exits(returnAddress);
    }

    private boolean standsAt(StackWalk walk, long at, boolean mayEnd) {
        try {
            long address = walk.word(at);
            return address == 0 ? mayEnd : plausible(address);
        } catch (WalkEnded _) {
            return false;
        }
    }
}
