package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.CodeMemory;
import io.perfagent.unwind.CodeRows;

/** Finds the rule of a frame: in the tables, else by the bytes of its code, else by a guess that a call instruction confirms. */
final class FrameRules {
    private static final UnwindRule FRAME_POINTER = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RBP, 16),
            new SavedRegister.AtCfa(-16),
            new SavedRegister.Unchanged(),
            -8);
    private static final UnwindRule NOTHING_PUSHED = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RSP, 8),
            new SavedRegister.Unchanged(),
            new SavedRegister.Unchanged(),
            -8);
    /** No frame is larger, where rbp is guessed to be a frame pointer. */
    private static final long LARGEST_GUESS = 1 << 20;

    private final CodeRows rows;
    private final RowDecoder decoder;
    private final KnownCode code;
    private final UnwindMode mode;
    private int guessed;

    FrameRules(CodeRows rows, RowDecoder decoder, CodeMemory memory, UnwindMode mode) {
        this.rows = rows;
        this.decoder = decoder;
        this.code = new KnownCode(memory);
        this.mode = mode;
    }

    /** Frames left by a guess so far. */
    int guessed() {
        return guessed;
    }

    UnwindRule of(StackWalk walk) {
        if (mode == UnwindMode.FP) {
            return FRAME_POINTER;
        }
        UnwindRule rule = decoder.decode(row(walk));
        return mode == UnwindMode.AUTO && rule instanceof UnwindRule.Stop(WalkEnd end) ? guess(walk, rule, end) : rule;
    }

    private int row(StackWalk walk) {
        int row = rows.row(walk.pc());
        if (!withoutTable(row)) {
            return row;
        }
        int known = code.row(walk.instruction(), walk.exact());
        return known == KnownCode.NONE ? row : known;
    }

    private static boolean withoutTable(int row) {
        return row == UnwindRow.stop(WalkEnd.NO_TABLE) || row == UnwindRow.stop(WalkEnd.NO_MAPPING);
    }

    /** Code that nothing describes. */
    private UnwindRule guess(StackWalk walk, UnwindRule stop, WalkEnd end) {
        boolean tableless = end == WalkEnd.NO_TABLE || end == WalkEnd.NO_MAPPING;
        if (!tableless && end != WalkEnd.NO_RULE) {
            return stop;
        }
        if (walk.newborn()) {
            return new UnwindRule.Stop(WalkEnd.END_OF_STACK);
        }
        UnwindRule rule = walk.exact() && returnsBehindCall(walk, walk.sp(), false)
                ? NOTHING_PUSHED
                : tableless && framePointerPlausible(walk) ? FRAME_POINTER : stop;
        guessed += rule.equals(stop) ? 0 : 1;
        return rule;
    }

    private boolean framePointerPlausible(StackWalk walk) {
        try {
            long rbp = walk.register(Registers.RBP);
            boolean above = Long.compareUnsigned(rbp, walk.sp()) >= 0
                    && Long.compareUnsigned(rbp - walk.sp(), LARGEST_GUESS) <= 0;
            return above && (rbp & 7) == 0 && returnsBehindCall(walk, rbp + 8, true);
        } catch (WalkEnded _) {
            return false;
        }
    }

    /** What stands on the stack where a return address is guessed must lead behind a call, or may be the stack's end. */
    private boolean returnsBehindCall(StackWalk walk, long at, boolean mayEnd) {
        try {
            long address = walk.word(at);
            return address == 0 ? mayEnd : code.followsCall(address);
        } catch (WalkEnded _) {
            return false;
        }
    }
}
