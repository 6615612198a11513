package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.Snippet;
import java.util.Arrays;
import java.util.List;

/**
 * Code that no table describes, recognised by the bytes around an address: CPython's perf trampoline in both its forms, libffi's
 * closures, a bare sigreturn. {@code bpf/code.h} has their listings.
 */
final class KnownCode {
    /** The answer for other code. */
    static final int NONE = 0;

    private static final int BEFORE = 8;
    private static final int AFTER = 24;
    private static final int PAGE = 4096;
    private static final long LARGEST_FUNCTION = 1 << 16;
    static final long NOT_CALLED = Long.MAX_VALUE;
    private static final int LONGEST_START = 8;
    private static final Snippet PUSH_MOV = Snippet.of("", "55 48 89 e5", NONE);
    private static final Snippet ENDBR_PUSH_MOV = Snippet.of("", "f3 0f 1e fa 55 48 89 e5", NONE);

    private static final int ONE_WORD = row(1, 0);
    private static final int TWO_WORDS = row(2, 0);
    private static final int FRAME_POINTER = row(2, 2);
    private static final int THREE_WORDS = row(3, 0);

    /** Where a call returns to, or a signal's handler. */
    private static final List<Snippet> RETURNS = List.of(
            Snippet.of("ff d1", "48 83 c4 08 c3", TWO_WORDS),
            Snippet.of("ff d1", "5d c3", FRAME_POINTER),
            Snippet.of("", "48 c7 c0 0f 00 00 00 0f", UnwindRow.rule(UnwindRow.ROW_RULE, Limits.SIGNAL_RULE)));

    /** Where a thread may be interrupted. */
    private static final List<Snippet> INSTRUCTIONS = List.of(
            Snippet.of("", "48 83 ec 08 ff d1", ONE_WORD),
            Snippet.of("", "f3 0f 1e fa 48 83 ec 08 ff d1", ONE_WORD),
            Snippet.of("", "ff d1 48 83 c4 08 c3", TWO_WORDS),
            Snippet.of("48 83 c4 08", "c3", ONE_WORD),
            Snippet.of("", "55 48 89 e5 ff d1", ONE_WORD),
            Snippet.of("", "f3 0f 1e fa 55 48 89 e5 ff d1", ONE_WORD),
            Snippet.of("", "48 89 e5 ff d1 5d c3", FRAME_POINTER),
            Snippet.of("", "ff d1 5d c3", FRAME_POINTER),
            Snippet.of("ff d1 5d", "c3", ONE_WORD),
            Snippet.of("", "48 83 ec 10 4c 89 14 24", ONE_WORD),
            Snippet.of("", "f3 0f 1e fa 48 83 ec 10 4c 89 14 24", ONE_WORD),
            Snippet.of("48 83 ec 10", "4c 89 14 24", THREE_WORDS),
            Snippet.of("4c 89 14 24", "4c 8b 15", THREE_WORDS),
            Snippet.of("4c 8b 15 ?? ?? ?? ??", "4c 89 54 24 08", THREE_WORDS),
            Snippet.of("4c 89 54 24 08", "4c 8b 15", THREE_WORDS),
            Snippet.of("4c 8b 15 ?? ?? ?? ??", "41 ff e2", THREE_WORDS));

    private static final Snippet EXITS = Snippet.of("", "89 c7 e8", NONE);

    private final CodeMemory memory;
    private final byte[] around = new byte[BEFORE + AFTER];

    KnownCode(CodeMemory memory) {
        this.memory = memory;
    }

    /**
     * The rule for an address: {@link #NONE} for code that is not known, a stop where it cannot be read.
     *
     * @param address where an instruction begins
     * @param interrupted whether the thread was interrupted there; a call returns there otherwise
     */
    int row(long address, boolean interrupted) {
        if (!read(address)) {
            return UnwindRow.stop(WalkEnd.BAD_CODE);
        }
        int row = find(RETURNS);
        return row == NONE && interrupted ? find(INSTRUCTIONS) : row;
    }

    /** Whether the instruction before an address is a call. */
    boolean followsCall(long address) {
        return memory.read(address - BEFORE, around, 0, BEFORE) && CallInstruction.endsAt(around, BEFORE);
    }

    /** Whether it is one that says where it leads. */
    boolean followsDirectCall(long address) {
        return followsCall(address) && CallInstruction.isRelative(around, BEFORE);
    }

    /** Bytes from where the call before an address leads to, to another; {@link #NOT_CALLED} where its instruction does not say, or too many. */
    long distanceFromCall(long address, long pc) {
        if (!followsCall(address) || !CallInstruction.isRelative(around, BEFORE)) {
            return NOT_CALLED;
        }
        long distance = pc - address - CallInstruction.distance(around, BEFORE);
        return Long.compareUnsigned(distance, LARGEST_FUNCTION) <= 0 ? distance : NOT_CALLED;
    }

    /** Whether a function begins at an address that keeps a frame pointer. */
    boolean keepsFramePointer(long address) {
        return memory.read(address, around, BEFORE, LONGEST_START)
                && (PUSH_MOV.matches(around, BEFORE) || ENDBR_PUSH_MOV.matches(around, BEFORE));
    }

    /** Whether {@code exit(main(…))} goes on at an address: {@code mov %eax,%edi} and a call. */
    boolean exits(long address) {
        return memory.read(address, around, BEFORE, EXITS.behind().length) && EXITS.matches(around, BEFORE);
    }

    /** Whether one of some snippets is what is at an address. */
    boolean matches(List<Snippet> snippets, long address) {
        return read(address) && snippets.stream().anyMatch(snippet -> snippet.matches(around, BEFORE));
    }

    private int find(List<Snippet> snippets) {
        for (Snippet snippet : snippets) {
            if (snippet.matches(around, BEFORE)) {
                return snippet.row();
            }
        }
        return NONE;
    }

    /** Of the address's own page only: the first trampoline of an arena has nothing before it. */
    private boolean read(long address) {
        int inPage = (int) address & (PAGE - 1);
        int before = Math.min(BEFORE, inPage);
        Arrays.fill(around, (byte) 0);
        return memory.read(address - before, around, BEFORE - before, before + Math.min(AFTER, PAGE - inPage));
    }

    private static int row(int cfaWords, int rbpWords) {
        return UnwindRow.rule(
                UnwindRow.ROW_RSP, cfaWords << UnwindRow.ROW_CFA_SHIFT | rbpWords << UnwindRow.ROW_RBP_SHIFT);
    }
}
