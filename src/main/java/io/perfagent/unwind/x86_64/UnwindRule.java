package io.perfagent.unwind.x86_64;

import io.perfagent.model.WalkEnd;

/** How a frame's caller is found. In the equations, {@code [a]} is the word at address {@code a}. */
public sealed interface UnwindRule {
    /**
     * {@code caller's rip = [CFA + returnAddress]}, {@code caller's rsp = CFA}.
     *
     * @param cfa gives the CFA
     * @param rbp gives the caller's rbp
     * @param rbx gives the caller's rbx
     * @param returnAddress bytes from the CFA, −8 after a call
     * @param checked whether it was derived from what code does, and holds only if the return address is behind a call that leads to the
     *     frame's code
     */
    record Frame(CfaRule cfa, SavedRegister rbp, SavedRegister rbx, int returnAddress, boolean checked)
            implements UnwindRule {
        private static final int SAVED_BY_CALL = -8;

        /** What a file says of itself. */
        public Frame(CfaRule cfa, SavedRegister rbp, SavedRegister rbx, int returnAddress) {
            this(cfa, rbp, rbx, returnAddress, false);
        }

        /** Of code that keeps frame pointers, where nothing more exact is known. */
        public static Frame framePointer() {
            SavedRegister rbp = new SavedRegister.AtCfa(2 * SAVED_BY_CALL);
            return new Frame(new CfaRule.FramePointer(), rbp, new SavedRegister.Unchanged(), SAVED_BY_CALL, true);
        }

        /** The same as a rule that has to be checked. */
        public Frame derived() {
            return new Frame(cfa, rbp, rbx, returnAddress, true);
        }

        /** The same with another CFA. */
        public Frame with(CfaRule other) {
            return new Frame(other, rbp, rbx, returnAddress, checked);
        }

        /** The same for code that may call parts of itself. */
        Frame shared() {
            return new Frame(new CfaRule.Shared(cfa.offset()), rbp, rbx, returnAddress);
        }
    }

    /**
     * {@code caller's rip = register}, {@code caller's rsp = rsp + offset}, rbp and rbx unchanged: the return address has been taken off
     * the stack, as vfork does, whose child would overwrite it.
     *
     * @param register DWARF number
     * @param offset bytes
     */
    record Popped(int register, int offset) implements UnwindRule {}

    /**
     * {@code caller's registers = ucontext at rsp}: the frame that the kernel makes for a signal handler. Its address and its
     * caller's are where instructions begin, not where they return to.
     */
    record SignalFrame() implements UnwindRule {}

    /**
     * {@code caller's rip = [rbp + 8]}, {@code caller's rsp = [rbp − 8]}, {@code caller's rbp = [rbp]}: a frame of HotSpot's interpreter.
     */
    record Interpreted() implements UnwindRule {}

    /**
     * A caller that was found by looking at this very frame.
     *
     * @param returnAddress the caller's rip
     * @param sp the caller's rsp
     * @param rbpAt where the caller's rbp is; 0: unchanged
     */
    record Found(long returnAddress, long sp, long rbpAt) implements UnwindRule {}

    /** No caller can be found, or there is none. */
    record Stop(WalkEnd end) implements UnwindRule {}
}
