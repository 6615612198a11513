package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.walker.CodeRows;
import org.jspecify.annotations.Nullable;

/** Finds the rule of a frame: in the tables, else by what a JVM knows, else by the bytes of its code, else by a guess that a call instruction confirms. */
final class FrameRules {
    static final UnwindRule.Frame FRAME_POINTER = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RBP, 16),
            new SavedRegister.AtCfa(-16),
            new SavedRegister.Unchanged(),
            -8);
    static final UnwindRule.Frame NOTHING_PUSHED = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RSP, 8),
            new SavedRegister.Unchanged(),
            new SavedRegister.Unchanged(),
            -8);
    private static final UnwindRule.Stop NO_RULE = new UnwindRule.Stop(WalkEnd.NO_RULE);

    private final CodeRows rows;
    private final CodeMemory memory;
    private final RowDecoder decoder;
    private final KnownCode code;
    private final ReturnAddresses returns;
    private final @Nullable HotSpotRules hotspot;
    private final UnwindMode mode;
    private final Guesses guesses;
    private final Callers callers;
    private final FramePointers framePointers;
    private long ownCode;
    /** Of the frame whose rule was asked for last: whether each function of its code keeps a frame pointer. */
    private boolean keepsFrames;

    FrameRules(CodeRows rows, RowDecoder decoder, CodeMemory memory, @Nullable HotSpotEntry jvm, UnwindMode mode) {
        this.rows = rows;
        this.memory = memory;
        this.decoder = decoder;
        this.code = new KnownCode(memory);
        this.returns = new ReturnAddresses(code, jvm);
        this.hotspot = jvm == null ? null : new HotSpotRules(new HotSpotCode(jvm, memory), returns);
        this.guesses = new Guesses(rows, returns);
        this.callers = new Callers(rows, decoder, memory, returns);
        this.framePointers = new FramePointers(code, returns, callers, rows, decoder, memory);
        this.mode = mode;
    }

    /** Frames left by a guess so far. */
    int guessed() {
        return guesses.count() + (hotspot == null ? 0 : hotspot.guessed());
    }

    /** Whether one of them may have jumped over frames, as frame pointers alone do over the caller of a function without. */
    boolean unsure() {
        return mode == UnwindMode.FP
                || guesses.unsure()
                || framePointers.unsure()
                || callers.unsure()
                || (hotspot != null && hotspot.unsure());
    }

    /** An address of a frame that is in no file; 0 where there was none. */
    long ownCode() {
        return ownCode;
    }

    /** Ends the walk where a derived rule has led to no caller. */
    void check(StackWalk walk, long returnAddressAt) throws WalkEnded {
        callers.check(walk, returnAddressAt, keepsFrames && !walk.exact());
    }

    /** Whether a CFA says that there is no frame pointer any more where there are only such: the chain ends with 0 (System V psABI, 3.4.1). */
    boolean endsChain(long cfa) {
        return mode == UnwindMode.FP && cfa == 16;
    }

    UnwindRule of(StackWalk walk) throws WalkEnded {
        if (mode == UnwindMode.FP) {
            return FRAME_POINTER;
        }
        UnwindRule rule = rule(walk);
        if (rule instanceof UnwindRule.Stop stop && isMadeUp(walk, stop)) {
            return guesses.endOrNoFrame(walk, stop);
        }
        return mode == UnwindMode.AUTO && rule instanceof UnwindRule.Stop stop ? guess(walk, stop) : rule;
    }

    /** Of a leaf whose own rule has led to no caller. */
    UnwindRule guessOfLeaf(StackWalk walk) {
        return mode == UnwindMode.AUTO ? guesses.of(walk, NO_RULE) : NO_RULE;
    }

    /** Whether the frame's rule has led to a word that no call has left there, and that is in no file. */
    private boolean isMadeUp(StackWalk walk, UnwindRule.Stop stop) {
        boolean unmapped = stop.end() == WalkEnd.NO_MAPPING || stop.end() == WalkEnd.BAD_CODE;
        return unmapped
                && !walk.isFirst()
                && rows.row(walk.pc()) == UnwindRow.stop(WalkEnd.NO_MAPPING)
                && !returns.plausible(walk.instruction());
    }

    private UnwindRule kept(UnwindRule rule) {
        keepsFrames = true;
        return rule;
    }

    private UnwindRule rule(StackWalk walk) {
        keepsFrames = false;
        int row = rows.row(walk.pc());
        if (!withoutTable(row)) {
            UnwindRule rule = decoder.decode(row);
            return rule instanceof UnwindRule.Frame(CfaRule.FramePointer _, var _, var _, var _, var _)
                    ? kept(framePointers.rule(walk))
                    : isSubroutine(walk, rule, row) ? NOTHING_PUSHED : rule;
        }
        boolean unmapped = row == UnwindRow.stop(WalkEnd.NO_MAPPING);
        ownCode = unmapped ? walk.pc() : ownCode;
        UnwindRule jvms = unmapped && hotspot != null ? hotspot.of(walk) : null;
        if (jvms != null) {
            return jvms;
        }
        int known = code.row(walk.instruction(), walk.exact());
        if (known == KnownCode.NONE && unmapped && rows.keptFrames() == KeptFrames.MADE_CODE) {
            return kept(framePointers.ruleOfMade(walk));
        }
        boolean told = known != KnownCode.NONE || rows.keptFrames() == KeptFrames.ALL; // by frame pointers
        int made = told ? known : rows.made(memory, walk.instruction());
        return decoder.decode(made == 0 ? row : made);
    }

    /** Code of one frame may have called a part of itself: the word at rsp returns to it, and where the frame has one there is none. */
    private boolean isSubroutine(StackWalk walk, UnwindRule rule, int row) {
        return walk.exact()
                && rule instanceof UnwindRule.Frame(CfaRule.Shared cfa, var _, var _, int returnAddress, var _)
                && !returns.standsAt(walk, walk.sp() + cfa.offset() + returnAddress)
                && returns.standsAt(walk, walk.sp())
                && rows.row(walk.wordOrZero(walk.sp()) - 1) == row;
    }

    private static boolean withoutTable(int row) {
        return row == UnwindRow.stop(WalkEnd.NO_TABLE) || row == UnwindRow.stop(WalkEnd.NO_MAPPING);
    }

    /** Code that nothing describes. */
    private UnwindRule guess(StackWalk walk, UnwindRule.Stop stop) {
        boolean gap = stop.end() == WalkEnd.NO_RULE;
        if (!gap && stop.end() != WalkEnd.NO_TABLE && stop.end() != WalkEnd.NO_MAPPING) {
            return stop;
        }
        return walk.newborn() ? new UnwindRule.Stop(WalkEnd.END_OF_STACK) : guesses.of(walk, stop);
    }
}
