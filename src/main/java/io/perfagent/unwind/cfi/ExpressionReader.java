package io.perfagent.unwind.cfi;

import org.jspecify.annotations.Nullable;

/**
 * Evaluates the DWARF expressions (DWARF 5, 2.5) of call-frame information symbolically. They stand in the section as blocks: a
 * ULEB length, then operations.
 */
public final class ExpressionReader {
    /** Longer ones are not looked at: a hostile file could repeat one at every row. */
    private static final int MAX_BYTES = 64;

    private static final int MAX_DEPTH = 8;
    private static final long WORD = 8;

    private final byte[] section;
    private final ByteCursor cursor;
    private final CfiExpression[] stack = new CfiExpression[MAX_DEPTH];
    private int depth;

    public ExpressionReader(byte[] section) {
        this.section = section;
        this.cursor = new ByteCursor(section, 0);
    }

    /** The operations of a block; empty where there are none or too many. */
    public byte[] operations(int position) {
        try {
            long length = open(position);
            byte[] operations = new byte[(int) length];
            System.arraycopy(section, cursor.position(), operations, 0, operations.length);
            return operations;
        } catch (MalformedCfi _) {
            return new byte[0];
        }
    }

    /** What the block at a position computes for a CFA; null where it is no {@link CfiExpression}. */
    public @Nullable CfiExpression read(int position) {
        depth = 0;
        return evaluate(position);
    }

    /** What the block at a position computes for a register: it begins with the CFA on the stack. */
    public @Nullable CfiExpression readFromCfa(int position) {
        stack[0] = new CfiExpression.Sum(CfiExpression.CFA, 0);
        depth = 1;
        return evaluate(position);
    }

    private @Nullable CfiExpression evaluate(int position) {
        try {
            open(position);
            while (cursor.hasMore()) {
                operation(cursor.u8());
            }
            return pop();
        } catch (MalformedCfi _) {
            return null;
        }
    }

    private long open(int position) throws MalformedCfi {
        long length = cursor.window(position, section.length).uleb();
        int from = cursor.position();
        if (length < 0 || length > MAX_BYTES || length > section.length - from) {
            throw unknown();
        }
        cursor.window(from, from + (int) length);
        return length;
    }

    private void operation(int code) throws MalformedCfi {
        if (code >= 0x30 && code <= 0x4f) {
            push(new CfiExpression.Constant(code - 0x30)); // DW_OP_lit0 to lit31
        } else if (code >= 0x70 && code <= 0x8f) {
            push(new CfiExpression.Sum(code - 0x70, cursor.sleb())); // DW_OP_breg0 to breg31
        } else if (code >= 0x08 && code <= 0x11) {
            push(new CfiExpression.Constant(constant(code)));
        } else {
            calculation(code);
        }
    }

    /** DW_OP_const1u to DW_OP_consts. */
    private long constant(int code) throws MalformedCfi {
        return switch (code) {
            case 0x08 -> cursor.u8();
            case 0x09 -> (byte) cursor.u8();
            case 0x0a -> cursor.u16();
            case 0x0b -> (short) cursor.u16();
            case 0x0c -> cursor.u32();
            case 0x0d -> cursor.s32();
            case 0x0e, 0x0f -> cursor.s64();
            case 0x10 -> cursor.uleb();
            default -> cursor.sleb();
        };
    }

    private void calculation(int code) throws MalformedCfi {
        switch (code) {
            case 0x06 -> push(pop().dereferenced()); // DW_OP_deref
            case 0x1c -> push(minus(pop())); // DW_OP_minus
            case 0x1e -> push(product(pop(), pop())); // DW_OP_mul
            case 0x22 -> push(sum(pop(), pop())); // DW_OP_plus
            case 0x23 -> push(pop().plus(cursor.uleb())); // DW_OP_plus_uconst
            case 0x96 -> {} // DW_OP_nop
            default -> throw unknown();
        }
    }

    private CfiExpression minus(CfiExpression top) throws MalformedCfi {
        if (top instanceof CfiExpression.Constant(long value)) {
            return pop().plus(-value);
        }
        throw unknown();
    }

    private static CfiExpression product(CfiExpression top, CfiExpression second) throws MalformedCfi {
        boolean words = top instanceof CfiExpression.Constant(long value) && value == WORD;
        if (words && second instanceof CfiExpression.Sum(int register, long offset)) {
            return new CfiExpression.Words(register, WORD * offset);
        }
        throw unknown();
    }

    private static CfiExpression sum(CfiExpression top, CfiExpression second) throws MalformedCfi {
        if (top instanceof CfiExpression.Constant(long value)) {
            return second.plus(value);
        }
        if (second instanceof CfiExpression.Constant(long value)) {
            return top.plus(value);
        }
        if (top instanceof CfiExpression.Words(int index, long words)
                && second instanceof CfiExpression.Sum(int register, long offset)) {
            return new CfiExpression.Element(register, index, offset + words);
        }
        throw unknown();
    }

    private void push(@Nullable CfiExpression value) throws MalformedCfi {
        if (value == null || depth == MAX_DEPTH) {
            throw unknown();
        }
        stack[depth++] = value;
    }

    private CfiExpression pop() throws MalformedCfi {
        if (depth == 0) {
            throw unknown();
        }
        return stack[--depth];
    }

    private static MalformedCfi unknown() {
        return new MalformedCfi(CfiError.BAD_OPERAND);
    }
}
