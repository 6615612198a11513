package io.perfagent.walker;

import io.perfagent.bpf.abi.MadeCodeEntry;
import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import io.perfagent.unwind.x86_64.flow.TraceCode;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The code that may run from an instruction on, read from a process page by page as far as it is asked for, and within bounds. */
final class CodeAround implements CodeMemory {
    private static final int PAGE = 4096;
    private static final int MOST_PAGES = 64;
    /** Instructions that a question is answered for. */
    private static final int MOST = 256;

    private static final byte[] NOT_READ = {};

    private final CodeMemory memory;
    private final MadeMemory where;
    private final long address;
    private final Map<Long, byte[]> pages = new HashMap<>();
    private Analysis analysis;

    /** What says what the instructions do to the stack. */
    @FunctionalInterface
    private interface Analysis {
        void rules(CodeFlow.Rules rules);
    }

    /** @param where code may be that the process has made together with that at the address */
    CodeAround(CodeMemory memory, MadeMemory where, long address) {
        this.memory = memory;
        this.where = where;
        this.address = address;
        this.analysis = rules -> CodeFlow.from(this, address, where.departure(), MOST, rules);
    }

    /** Of a function of whatever code. */
    static CodeAround anywhere(CodeMemory memory, long function) {
        return new CodeAround(memory, MadeMemory.ALL, function);
    }

    /** Whether the function that begins at the address may only have jumped to another address, or from a frame of a size that is known. */
    boolean leadsTo(long pc, int frame) {
        long block = pc & -(1L << MadeCodeEntry.JUMP_BLOCK_SHIFT);
        int from = leadsInto(block, frame);
        return from != CodeFlow.NOWHERE && pc - block >= from;
    }

    /** From which byte of a block of memory on, which begins at an address; {@link CodeFlow#NOWHERE} where it does not. */
    int leadsInto(long block, int frame) {
        return CodeFlow.leads(this, address, block, 1 << MadeCodeEntry.JUMP_BLOCK_SHIFT, frame);
    }

    /** Belongs to a trace of LuaJIT, which runs in the frame of the interpreter. */
    CodeAround in(LuaTrace trace, UnwindRule.Frame interpreter) {
        Analysis otherwise = analysis;
        analysis = rules -> {
            if (!ofTrace(trace, interpreter, rules)) {
                otherwise.rules(rules);
            }
        };
        return this;
    }

    /** Has its frames made by whatever it calls: only of loops is anything said, where they are made already. */
    CodeAround framedByOthers() {
        analysis = rules -> CodeFlow.inLoop(this, address, MOST, rules);
        return this;
    }

    /** What the code does to the stack from the address on; null where it does not tell. */
    UnwindRule.@Nullable Frame rule() {
        UnwindRule.Frame[] found = {null};
        analysis.rules((at, rule, _) -> found[0] = at == address ? rule : found[0]);
        return found[0];
    }

    /** The same of that instruction and of others near to it that may run behind it. */
    void rules(CodeFlow.Rules rules) {
        analysis.rules(rules);
    }

    private boolean ofTrace(LuaTrace trace, UnwindRule.Frame interpreter, CodeFlow.Rules rules) {
        byte[] code = new byte[trace.size()];
        return read(trace.start(), code, 0, code.length)
                && TraceCode.follow(code, trace.spill(), trace.root(), (position, bytes) -> {
                    long at = trace.start() + position;
                    if (Math.abs(at - address) < MOST) {
                        int below = trace.extra() + bytes + interpreter.cfa().offset();
                        UnwindRule.Frame rule = interpreter.with(new CfaRule.RegisterOffset(Registers.RSP, below));
                        rules.rule(at, rule, trace.start() + trace.size());
                    }
                });
    }

    /** Of the bytes next to an address, on its page. */
    int hash(long at) {
        byte[] hashed = new byte[MadeCodeEntry.HASHED_BYTES];
        int inPage = (int) (at & (PAGE - 1));
        int before = Math.min(inPage, MadeCodeEntry.HASHED_BEFORE);
        int behind = Math.min(PAGE - inPage, MadeCodeEntry.HASHED_BEHIND);
        boolean _ = read(at - before, hashed, MadeCodeEntry.HASHED_BEFORE - before, before + behind);
        return MadeCodeEntry.hash(MemorySegment.ofArray(hashed));
    }

    @Override
    public boolean read(long from, byte[] to, int at, int length) {
        for (int done = 0; done < length; ) {
            long next = from + done;
            int inPage = (int) (next & (PAGE - 1));
            int part = Math.min(PAGE - inPage, length - done);
            byte[] page = page(next - inPage);
            if (page.length == 0) {
                return false;
            }
            System.arraycopy(page, inPage, to, at + done, part);
            done += part;
        }
        return true;
    }

    private byte[] page(long start) {
        byte[] known = pages.get(start);
        if (known != null || pages.size() == MOST_PAGES) {
            return known == null ? NOT_READ : known;
        }
        byte[] bytes = new byte[PAGE];
        boolean there = where.contains(start) && memory.read(start, bytes, 0, PAGE);
        byte[] page = there ? bytes : NOT_READ;
        pages.put(start, page);
        return page;
    }
}
