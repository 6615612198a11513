package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.Snippet;
import io.perfagent.unwind.x86_64.UnwindRule;

/**
 * A thread that was interrupted in code of HotSpot's compilers: whether the frame is there, by the instructions around.
 *
 * <pre>
 *   C1, C2   mov %eax,-…(%rsp)  push %rbp  [mov %rsp,%rbp]  sub $n,%rsp  …  add $n,%rsp  pop %rbp  [cmp …(%r15),%rsp  ja …]  ret
 *   C2       sub $n,%rsp  mov %rbp,…(%rsp)  …
 * </pre>
 */
final class CompiledLeaf {
    private static final int BEFORE = 8;
    private static final int AFTER = 24;
    private static final int LONGEST_PATTERN = 3;
    /** Registers that C2 has pushed on a frame for a while, fewer than these: comparing strings takes one more than it has. */
    private static final int MOST_ON_TOP = 4;

    private static final Snippet[] PUSHED = {code("55", ""), code("55 48 8b ec", "")};
    private static final Snippet[] MADE_BUT_RBP = {code("", "48 89 6c 24"), code("", "48 89 ac 24")};
    private static final Snippet[] MAKES = {code("", "48 83 ec"), code("", "48 81 ec"), code("", "89 84 24")};
    private static final Snippet[] AT_PUSH = {code("", "55")};
    private static final Snippet[] GONE = {
        code("", "c3"),
        code("", "49 3b 67"),
        code("", "49 3b a7"),
        code("48 83 c4 ?? 5d", ""),
        code("48 81 c4 ?? ?? ?? ?? 5d", ""),
        code("49 3b 67 ??", "0f 87"),
        code("49 3b a7 ?? ?? ?? ??", "0f 87")
    };
    private static final Snippet[] AT_POP = {code("48 83 c4 ??", "5d"), code("48 81 c4 ?? ?? ?? ??", "5d")};

    private final HotSpotCode code;
    private final ReturnAddresses returns;

    CompiledLeaf(HotSpotCode code, ReturnAddresses returns) {
        this.code = code;
        this.returns = returns;
    }

    /** Whether the frame has been made; it may be gone again. */
    boolean inBody(StackWalk walk, HotSpotCode.Blob blob) {
        return blob.frameComplete() >= 0 && Long.compareUnsigned(walk.pc() - blob.code(), blob.frameComplete()) >= 0;
    }

    UnwindRule rule(StackWalk walk, HotSpotCode.Blob blob) {
        byte[] around = code.bytes(walk.pc() - BEFORE, BEFORE + AFTER);
        if (around == null) {
            return new UnwindRule.Stop(WalkEnd.BAD_CODE);
        }
        if (inBody(walk, blob)) {
            return inBody(walk, around, blob.frameWords());
        }
        return blob.frameComplete() < 0
                ? HotSpotRules.frame(blob.frameWords())
                : inPrologue(around, blob.code() + blob.frameComplete() - walk.pc(), blob.frameWords());
    }

    private static UnwindRule inPrologue(byte[] around, long left, int words) {
        if (any(PUSHED, around, BEFORE)) {
            return HotSpotRules.frame(2);
        }
        if (any(MADE_BUT_RBP, around, BEFORE)) {
            return HotSpotRules.pushed(words - 1);
        }
        boolean before = any(AT_PUSH, around, BEFORE) || left > AFTER;
        for (int i = 0; i < Math.min(left, AFTER - LONGEST_PATTERN); i++) {
            before |= any(MAKES, around, BEFORE + i);
        }
        return before ? HotSpotRules.pushed(0) : HotSpotRules.frame(words);
    }

    private UnwindRule inBody(StackWalk walk, byte[] around, int words) {
        if (any(GONE, around, BEFORE)) {
            return HotSpotRules.pushed(0);
        }
        return HotSpotRules.frame(any(AT_POP, around, BEFORE) ? 2 : words + onTop(walk, words));
    }

    private int onTop(StackWalk walk, int words) {
        for (int pushed = 0; pushed < MOST_ON_TOP; pushed++) {
            if (returns.standsAt(walk, walk.sp() + 8L * (words + pushed - 1))) {
                return pushed;
            }
        }
        return 0;
    }

    private static boolean any(Snippet[] snippets, byte[] around, int at) {
        for (Snippet snippet : snippets) {
            if (snippet.matches(around, at)) {
                return true;
            }
        }
        return false;
    }

    /** Rows are not asked for. */
    private static Snippet code(String before, String behind) {
        return Snippet.of(before, behind, UnwindRow.rule(UnwindRow.ROW_RSP, 0));
    }
}
