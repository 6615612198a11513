package io.perfagent.unwind.x86_64;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.CodeMemory;
import io.perfagent.unwind.CodeRows;
import org.jspecify.annotations.Nullable;

/** Finds the rule of a frame: in the tables, else by what a JVM knows, else by the bytes of its code, else by a guess that a call instruction confirms. */
final class FrameRules {
    static final UnwindRule FRAME_POINTER = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RBP, 16),
            new SavedRegister.AtCfa(-16),
            new SavedRegister.Unchanged(),
            -8);
    private static final UnwindRule NOTHING_PUSHED = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RSP, 8),
            new SavedRegister.Unchanged(),
            new SavedRegister.Unchanged(),
            -8);
    private final CodeRows rows;
    private final RowDecoder decoder;
    private final KnownCode code;
    private final ReturnAddresses returns;
    private final @Nullable HotSpotRules hotspot;
    private final UnwindMode mode;
    private int guessed;

    FrameRules(CodeRows rows, RowDecoder decoder, CodeMemory memory, @Nullable HotSpotEntry jvm, UnwindMode mode) {
        this.rows = rows;
        this.decoder = decoder;
        this.code = new KnownCode(memory);
        this.returns = new ReturnAddresses(code, jvm);
        this.hotspot = jvm == null ? null : new HotSpotRules(new HotSpotCode(jvm, memory), returns);
        this.mode = mode;
    }

    /** Frames left by a guess so far. */
    int guessed() {
        return guessed + (hotspot == null ? 0 : hotspot.guessed());
    }

    UnwindRule of(StackWalk walk) {
        if (mode == UnwindMode.FP) {
            return FRAME_POINTER;
        }
        UnwindRule rule = rule(walk);
        return mode == UnwindMode.AUTO && rule instanceof UnwindRule.Stop(WalkEnd end) ? guess(walk, rule, end) : rule;
    }

    private UnwindRule rule(StackWalk walk) {
        int row = rows.row(walk.pc());
        if (!withoutTable(row)) {
            return decoder.decode(row);
        }
        boolean unmapped = row == UnwindRow.stop(WalkEnd.NO_MAPPING);
        UnwindRule jvms = unmapped && hotspot != null ? hotspot.of(walk) : null;
        return jvms != null ? jvms : decoder.decode(knownOr(walk, row));
    }

    private int knownOr(StackWalk walk, int row) {
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
        UnwindRule rule = walk.exact() && returns.standsAt(walk, walk.sp())
                ? NOTHING_PUSHED
                : returns.framePointer(walk, tableless) ? FRAME_POINTER : stop;
        guessed += rule.equals(stop) ? 0 : 1;
        return rule;
    }
}
