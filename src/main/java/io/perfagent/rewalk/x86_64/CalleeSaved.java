package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.SavedRegister;

/** A register that calls preserve, in the frame that a walk has come to: its value, or where that was saved. */
final class CalleeSaved {
    private static final int KNOWN = 0;
    private static final int UNKNOWN = 1;

    private long value;
    private long savedAt;

    /** @param savedAt as in {@link io.perfagent.bpf.abi.StoppedWalk#rbpAt} */
    CalleeSaved(long value, long savedAt) {
        this.value = value;
        this.savedAt = savedAt;
    }

    /** As it is made. */
    void set(long newValue, long at) {
        value = newValue;
        savedAt = at;
    }

    void set(long known) {
        value = known;
        savedAt = KNOWN;
    }

    long value(StackWords stack) throws WalkEnded {
        if (savedAt == UNKNOWN) {
            throw new WalkEnded(WalkEnd.UNKNOWN_REGISTER);
        }
        if (savedAt != KNOWN) {
            set(stack.word(savedAt));
        }
        return value;
    }

    /** Takes the place of a caller whose value lies at an address. */
    void leaveTo(long address) {
        savedAt = address;
    }

    /** Takes the caller's place, by the rule of the frame that it calls. */
    void leave(SavedRegister rule, long cfa, long rbp) {
        switch (rule) {
            case SavedRegister.Unchanged() -> {}
            case SavedRegister.AtCfa(int offset) -> savedAt = cfa + offset;
            case SavedRegister.AtRbp(int offset) -> savedAt = rbp + offset;
            case SavedRegister.Unknown() -> savedAt = UNKNOWN;
        }
    }
}
