package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import org.jspecify.annotations.Nullable;

/** Finds the rule of a frame of a JVM's own code. {@code bpf/hotspot.h} draws the frames. */
final class HotSpotRules {
    private static final UnwindRule NO_RULE = new UnwindRule.Stop(WalkEnd.NO_RULE);
    /** Words of the frame that calls a virtual thread's first, at most. */
    private static final int LARGEST_ENTRY_WORDS = UnwindRow.ROW_CFA_MASK;

    /** Registers that a stub without a frame has pushed, at most. */
    private static final int MOST_PUSHED = 8;

    /** The stub's frame pointer, and rbx where it has saved it. */
    private static final UnwindRule CALL_STUB = new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Registers.RBP, 16),
            new SavedRegister.AtCfa(-16),
            new SavedRegister.AtCfa(-72),
            -8);

    private final HotSpotCode code;
    private final ReturnAddresses returns;
    private final CompiledLeaf compiled;
    private final InterpreterLeaf interpreter;
    private int guessed;
    private boolean unsure;

    HotSpotRules(HotSpotCode code, ReturnAddresses returns) {
        this.code = code;
        this.returns = returns;
        this.compiled = new CompiledLeaf(code, returns);
        this.interpreter = new InterpreterLeaf(returns);
    }

    /** Null where the address is not in the JVM's code cache. */
    @Nullable
    UnwindRule of(StackWalk walk) {
        HotSpotEntry jvm = code.jvm();
        if (jvm.inInterpreter(walk.pc())) {
            return walk.exact() ? interpreter.rule(walk) : new UnwindRule.Interpreted();
        }
        if (!walk.exact() && walk.instruction() == jvm.callStubReturn()) {
            return CALL_STUB;
        }
        HotSpotCode.Blob blob = code.blob(walk.pc());
        return blob == null ? null : rule(walk, blob);
    }

    /** The frame of compiled code: {@code │ … │ rbp │ return address │}, so many words. */
    static UnwindRule.Frame frame(int words) {
        return new UnwindRule.Frame(
                new CfaRule.RegisterOffset(Registers.RSP, 8 * words),
                new SavedRegister.AtCfa(-16),
                new SavedRegister.Unchanged(),
                -8);
    }

    /** What has pushed so many words, but for the return address, and has left rbp as it was. */
    static UnwindRule.Frame pushed(int words) {
        return new UnwindRule.Frame(
                new CfaRule.RegisterOffset(Registers.RSP, 8 * (words + 1)),
                new SavedRegister.Unchanged(),
                new SavedRegister.Unchanged(),
                -8);
    }

    private UnwindRule rule(StackWalk walk, HotSpotCode.Blob blob) {
        if (blob.frameWords() > 0) {
            return walk.exact() ? compiledLeaf(walk, blob) : frame(blob.frameWords());
        }
        if (walk.exact()) {
            UnwindRule entry = blob.adapter() ? interpreter.entry(walk) : null;
            return entry != null ? entry : stub(walk);
        }
        UnwindRule continuation = continuation(walk);
        return continuation != null ? continuation : framePointerOrNone(walk);
    }

    private UnwindRule compiledLeaf(StackWalk walk, HotSpotCode.Blob blob) {
        UnwindRule rule = compiled.rule(walk, blob);
        if (rule instanceof UnwindRule.Frame(CfaRule cfa, var _, var _, var _, var _)
                && !compiled.inBody(walk, blob)
                && !returns.standsAt(walk, walk.sp() + cfa.offset() - 8)) {
            return stub(walk);
        }
        return rule;
    }

    /** The return address is below what the stub has pushed, or it has a frame pointer. */
    private UnwindRule stub(StackWalk walk) {
        for (int words = 0; words < MOST_PUSHED; words++) {
            long at = walk.sp() + 8L * words;
            if (returnsToFrame(walk, at)) {
                guessed++;
                return walk.known(Registers.RBP) == at - 8 ? FrameRules.FRAME_POINTER : pushed(words);
            }
        }
        return framePointerOrNone(walk);
    }

    /** Whether a return address stands there, and another where its frame says: what was called earlier leaves return addresses too. */
    private boolean returnsToFrame(StackWalk walk, long at) {
        if (!returns.standsAt(walk, at)) {
            return false;
        }
        long address = walk.wordOrZero(at);
        HotSpotCode.Blob blob = code.jvm().inInterpreter(address) ? null : code.blob(address - 1);
        return blob == null || blob.frameWords() <= 0 || returns.standsAt(walk, at + 8L * blob.frameWords());
    }

    private UnwindRule framePointerOrNone(StackWalk walk) {
        if (!returns.framePointer(walk, true)) {
            return NO_RULE;
        }
        guessed++;
        return FrameRules.FRAME_POINTER;
    }

    /** Frames left by a guess so far. */
    int guessed() {
        return guessed;
    }

    /** Whether frames of a virtual thread are in the heap, and thus missing in between. */
    boolean unsure() {
        return unsure;
    }

    /** Where a virtual thread's frames were moved back only in part, the last returns to a stub: the carrier's frames come next. */
    private @Nullable UnwindRule continuation(StackWalk walk) {
        long at = code.jvm().continuationReturnAt();
        if (at == 0 || returns.plausible(walk.instruction())) {
            return null;
        }
        long entry = code.word(at);
        HotSpotCode.Blob blob = code.blob(entry);
        if (blob == null
                || Integer.compareUnsigned(blob.frameWords(), LARGEST_ENTRY_WORDS) > 0
                || !returns.standsAt(walk, walk.sp() + 8L * blob.frameWords() - 8)) {
            return null;
        }
        walk.standFor(entry);
        unsure = true;
        return frame(blob.frameWords());
    }
}
