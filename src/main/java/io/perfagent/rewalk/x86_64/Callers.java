package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.walker.CodeRows;

/**
 * Whether the return addresses that derived rules lead to are what they should be: in code, behind a call, and where that says whom it calls, of
 * the frame's code. Of one walk.
 */
final class Callers {
    private static final int CALL_BYTES = 8;
    /** What the kernel has begun; near to it nothing can be between. */
    private static final int FIRST_FUNCTION = UnwindRow.stop(WalkEnd.END_OF_STACK);

    private static final long LARGEST_FUNCTION = 1 << 16;

    private final CodeRows rows;
    private final RowDecoder decoder;
    private final CodeMemory memory;
    private final ReturnAddresses returns;
    private final Jumps jumps;
    private final byte[] before = new byte[CALL_BYTES];
    /** Whom the caller calls that was looked at last. */
    private long callee;

    private boolean unsure;

    /** What the word at an address of the stack is. */
    enum Found {
        CALLED,
        /** Another function was called, which has jumped to the frame's code: there may be frames between. */
        CALLED_ELSEWHERE,
        CALLED_BY_NOBODY,
        NOT_CALLED
    }

    Callers(CodeRows rows, RowDecoder decoder, CodeMemory memory, ReturnAddresses returns) {
        this.rows = rows;
        this.decoder = decoder;
        this.memory = memory;
        this.returns = returns;
        this.jumps = new Jumps(memory);
    }

    /** Whether frames may be missing below one of those that were checked. */
    boolean unsure() {
        return unsure;
    }

    /** @param ownFrame whether each function keeps one: one that was called and has jumped to another is none that is missing; nor is one that has only jumped */
    void check(StackWalk walk, long at, boolean ownFrame) throws WalkEnded {
        switch (find(walk, at)) {
            case CALLED -> {}
            case CALLED_BY_NOBODY -> {} // it is left to who looks for the stack's end
            case CALLED_ELSEWHERE -> unsure |= !ownFrame && !rows.leads(memory, callee, walk.pc());
            case NOT_CALLED -> throw new WalkEnded(WalkEnd.NOT_CALLED);
        }
    }

    Found find(StackWalk walk, long at) throws WalkEnded {
        long address = walk.word(at);
        if (address == 0) {
            return Found.CALLED_BY_NOBODY;
        }
        if (!returns.plausible(address)) {
            return Found.NOT_CALLED;
        }
        boolean direct = isDirect(address);
        long target = direct ? address + CallInstruction.distance(before, CALL_BYTES) : 0;
        if (direct && isNear(walk.pc(), target)) {
            return Found.CALLED;
        }
        if (!rows.isExecutable(address - 1)) {
            return Found.NOT_CALLED;
        }
        if (!direct || jumps.lead(target, to -> isNear(walk.pc(), to))) {
            return Found.CALLED;
        }
        if (!rows.isExecutable(target)) {
            return Found.NOT_CALLED;
        }
        callee = target;
        boolean begins = walk.isNearFirst() && rows.row(address - 1) == FIRST_FUNCTION;
        return begins || isInterpreter(target, walk.pc()) ? Found.CALLED : Found.CALLED_ELSEWHERE;
    }

    /** Whether code that the process has made may run in the frame of a function: that has one frame throughout, as LuaJIT's interpreter. */
    private boolean isInterpreter(long function, long pc) {
        int row = rows.row(function);
        return rows.row(pc) == UnwindRow.stop(WalkEnd.NO_MAPPING)
                && UnwindRow.op(row) == UnwindRow.ROW_RULE
                && decoder.decode(row) instanceof UnwindRule.Frame frame
                && frame.cfa() instanceof CfaRule.Shared;
    }

    /** Whether the instruction before says for certain whom it calls. */
    private boolean isDirect(long address) {
        return !returns.inInterpreter(address)
                && memory.read(address - CALL_BYTES, before, 0, CALL_BYTES)
                && CallInstruction.isRelative(before, CALL_BYTES)
                && !CallInstruction.isIndirect(before, CALL_BYTES);
    }

    private static boolean isNear(long pc, long target) {
        return Long.compareUnsigned(pc - target, LARGEST_FUNCTION) <= 0;
    }
}
