package io.perfagent.unwind;

import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.FrameState;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.PointerEncoding;
import io.perfagent.unwind.table.RuleCompiler;
import io.perfagent.unwind.table.TableBuilder;

/**
 * Executes call-frame instructions (DWARF 5, 6.4.2) and hands each finished row to the table.
 *
 * <pre>
 *     7   6 5        0
 *   +------+----------+
 *   |  1   |  delta   |  advance_loc           the row so far is finished
 *   |  2   | register |  offset, ULEB
 *   |  3   | register |  restore
 *   |  0   |  opcode  |  everything else
 *   +------+----------+
 * </pre>
 */
final class CfiInterpreter {
    private static final int DEF_CFA_OFFSET = 0x0e;
    private static final int MAX_REMEMBERED = 32;
    /** Parts of functions that are jumped to as well, GCC's cold ones, are smaller. */
    private static final int SHARED_BYTES = 4096;

    private final ByteCursor cursor;
    private final long dataBase;
    private final RuleCompiler compiler;
    private final TableBuilder table;
    private final FrameState state = new FrameState();
    private final FrameState[] remembered = new FrameState[MAX_REMEMBERED];
    private int depth;

    private Cie cie;
    private FrameState initial = new FrameState();
    private long location;
    private long limit;

    CfiInterpreter(ByteCursor cursor, long dataBase, RuleCompiler compiler, TableBuilder table, Cie none) {
        this.cursor = cursor;
        this.dataBase = dataBase;
        this.compiler = compiler;
        this.table = table;
        this.cie = none;
    }

    /** Runs a CIE's instructions into its initial state; they may not move. */
    void runInitial(Cie common) throws MalformedCfi {
        begin(common, new FrameState(), 0, 1);
        execute(common.from(), common.to());
        common.initial().copyFrom(state);
    }

    /**
     * Runs an FDE's instructions: rows for the ELF addresses {@code start} to {@code end}, exclusive. After damage the rows before
     * it stand, and the rest of the range is unsupported.
     */
    void run(Cie common, int from, int to, long start, long end) throws MalformedCfi {
        begin(common, common.initial(), start, end);
        try {
            execute(from, to);
        } catch (MalformedCfi e) {
            table.add(location, TableBuilder.UNSUPPORTED);
            throw e;
        }
        if (location < limit) {
            boolean shared = location == start && end - start >= SHARED_BYTES;
            table.add(location, shared ? compiler.sharedRule(state, cie) : compiler.rule(state, cie));
        }
    }

    private void begin(Cie common, FrameState from, long start, long end) {
        cie = common;
        initial = from;
        state.copyFrom(from);
        depth = 0;
        location = start;
        limit = end;
    }

    private void execute(int from, int to) throws MalformedCfi {
        cursor.window(from, to);
        while (location < limit && cursor.hasMore()) {
            step(cursor.u8());
        }
    }

    private void finishRow() {
        table.add(location, compiler.rule(state, cie));
    }

    private void step(int instruction) throws MalformedCfi {
        int operand = instruction & 0x3f;
        switch (instruction >>> 6) {
            case 1 -> advance(operand);
            case 2 -> state.set(operand, FrameState.AT_CFA, factored(cursor.uleb()));
            case 3 -> state.restore(operand, initial);
            default -> extended(operand);
        }
    }

    private void extended(int opcode) throws MalformedCfi {
        if (opcode == DEF_CFA_OFFSET) { // every second of them
            state.setCfaOffset(operand(cursor.uleb()));
            return;
        }
        switch (opcode >>> 3) {
            case 0 -> locationOrRegister(opcode);
            case 1 -> stateOrCfa(opcode);
            case 2 -> expressionOrSigned(opcode);
            default -> gnu(opcode);
        }
    }

    private void locationOrRegister(int opcode) throws MalformedCfi {
        switch (opcode) {
            case 0x00 -> {} // DW_CFA_nop
            case 0x01 -> moveTo(PointerEncoding.read(cursor, cie.pointerEncoding(), dataBase)); // set_loc
            case 0x02 -> advance(cursor.u8()); // advance_loc1
            case 0x03 -> advance(cursor.u16()); // advance_loc2
            case 0x04 -> advance(cursor.u32()); // advance_loc4
            case 0x05 -> state.set(cursor.uleb(), FrameState.AT_CFA, factored(cursor.uleb())); // offset_extended
            case 0x06 -> state.restore(cursor.uleb(), initial); // restore_extended
            default -> state.set(cursor.uleb(), FrameState.UNDEFINED, 0);
        }
    }

    private void stateOrCfa(int opcode) throws MalformedCfi {
        switch (opcode) {
            case 0x08 -> state.set(cursor.uleb(), FrameState.SAME_VALUE, 0);
            case 0x09 -> state.set(cursor.uleb(), FrameState.IN_REGISTER, operand(cursor.uleb()));
            case 0x0a -> remember();
            case 0x0b -> restoreState();
            case 0x0c -> state.setCfa(operand(cursor.uleb()), operand(cursor.uleb())); // def_cfa
            case 0x0d -> state.setCfaRegister(operand(cursor.uleb()));
            default -> state.setCfaExpression(block());
        }
    }

    private void expressionOrSigned(int opcode) throws MalformedCfi {
        switch (opcode) {
            case 0x10 -> state.set(cursor.uleb(), FrameState.AT_EXPRESSION, block()); // expression
            case 0x11 -> state.set(cursor.uleb(), FrameState.AT_CFA, factored(cursor.sleb())); // offset_extended_sf
            case 0x12 -> state.setCfa(operand(cursor.uleb()), factored(cursor.sleb())); // def_cfa_sf
            case 0x13 -> state.setCfaOffset(factored(cursor.sleb())); // def_cfa_offset_sf
            case 0x14 -> state.set(cursor.uleb(), FrameState.CFA_PLUS, factored(cursor.uleb())); // val_offset
            case 0x15 -> state.set(cursor.uleb(), FrameState.CFA_PLUS, factored(cursor.sleb())); // val_offset_sf
            case 0x16 -> state.set(cursor.uleb(), FrameState.EXPRESSION, block()); // val_expression
            default -> throw new MalformedCfi(CfiError.BAD_INSTRUCTION);
        }
    }

    private void gnu(int opcode) throws MalformedCfi {
        switch (opcode) {
            case 0x2e -> cursor.uleb(); // GNU_args_size: what a call pushed; only exception handling needs it
            case 0x2f ->
                state.set(cursor.uleb(), FrameState.AT_CFA, negated(cursor.uleb())); // GNU_negative_offset_extended
            default -> throw new MalformedCfi(CfiError.BAD_INSTRUCTION);
        }
    }

    private void advance(long delta) throws MalformedCfi {
        moveTo(location + delta * cie.codeAlignment());
    }

    /** Code only goes forward: the table is sorted as it is written. */
    private void moveTo(long next) throws MalformedCfi {
        if (next < location) {
            throw new MalformedCfi(CfiError.BAD_OPERAND);
        }
        if (next > location) {
            if (initial != cie.initial()) {
                throw new MalformedCfi(CfiError.BAD_CIE);
            }
            finishRow();
            location = next;
        }
    }

    private void remember() throws MalformedCfi {
        if (depth == MAX_REMEMBERED) {
            throw new MalformedCfi(CfiError.BAD_STATE_STACK);
        }
        if (remembered[depth] == null) {
            remembered[depth] = new FrameState();
        }
        remembered[depth++].copyFrom(state);
    }

    private void restoreState() throws MalformedCfi {
        if (depth == 0) {
            throw new MalformedCfi(CfiError.BAD_STATE_STACK);
        }
        state.copyFrom(remembered[--depth]);
    }

    /** Position of an expression's block, which must lie inside the entry. */
    private int block() throws MalformedCfi {
        int position = cursor.position();
        cursor.skip(cursor.uleb());
        return position;
    }

    private int factored(long number) throws MalformedCfi {
        return operand(operand(number) * (long) cie.dataAlignment());
    }

    private int negated(long number) throws MalformedCfi {
        return operand(-(long) factored(number));
    }

    private static int operand(long number) throws MalformedCfi {
        if (number != (int) number) {
            throw new MalformedCfi(CfiError.BAD_OPERAND);
        }
        return (int) number;
    }
}
