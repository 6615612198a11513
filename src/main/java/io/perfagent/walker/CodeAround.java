package io.perfagent.walker;

import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a process's memory around an instruction, page by page as far as it can be read.
 *
 * <pre>
 *   │ page before │ page of the address │ up to three behind it │
 * </pre>
 */
final class CodeAround {
    private static final int PAGE = 4096;
    private static final int BEHIND = 3;
    /** Instructions that a question is answered for. */
    private static final int MOST = 256;

    private final long address;
    private final long start;
    private final byte[] bytes;

    private CodeAround(long address, long start, byte[] bytes) {
        this.address = address;
        this.start = start;
        this.bytes = bytes;
    }

    /** Null where the page of the address cannot be read. */
    static @Nullable CodeAround read(CodeMemory memory, long address) {
        long page = address & -PAGE;
        byte[] pages = new byte[(2 + BEHIND) * PAGE];
        if (!memory.read(page, pages, PAGE, PAGE)) {
            return null;
        }
        int from = memory.read(page - PAGE, pages, 0, PAGE) ? 0 : PAGE;
        int to = 2 * PAGE;
        while (to < pages.length && memory.read(page - PAGE + to, pages, to, PAGE)) {
            to += PAGE;
        }
        return new CodeAround(address, page - PAGE + from, Arrays.copyOfRange(pages, from, to));
    }

    /** What the code does to the stack from the address on; null where it does not tell. */
    UnwindRule.@Nullable Frame rule() {
        return CodeFlow.at(bytes, start, address);
    }

    /** The same of that instruction and of others near to it that may run behind it. */
    void rules(CodeFlow.Rules rules) {
        CodeFlow.from(bytes, start, address, MOST, rules);
    }

    /** Of the bytes next to an address of those that were read, on its page. */
    int hash(long address) {
        byte[] hashed = new byte[MadeCodeEntry.HASHED_BYTES];
        int inPage = (int) (address & (PAGE - 1));
        int before = Math.min(inPage, MadeCodeEntry.HASHED_BEFORE);
        int behind = Math.min(PAGE - inPage, MadeCodeEntry.HASHED_BEHIND);
        int from = (int) (address - start) - before;
        System.arraycopy(bytes, from, hashed, MadeCodeEntry.HASHED_BEFORE - before, before + behind);
        return MadeCodeEntry.hash(MemorySegment.ofArray(hashed));
    }
}
