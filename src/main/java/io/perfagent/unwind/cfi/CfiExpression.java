package io.perfagent.unwind.cfi;

import org.jspecify.annotations.Nullable;

/**
 * What a DWARF expression of call-frame information computes, as far as such expressions are simple: sums of a register and
 * constants, with so many words as another says, and one dereference. In the equations, {@code [a]} is the word at address {@code a}.
 */
public sealed interface CfiExpression {
    /** The base of an expression that starts from the CFA, which is pushed before the expressions of registers. */
    int CFA = -1;

    /** This plus a constant. */
    CfiExpression plus(long number);

    /** The word at this address; null where that is more than we can say. */
    default @Nullable CfiExpression dereferenced() {
        return null;
    }

    /**
     * {@code register + offset}.
     *
     * @param register DWARF number or {@link #CFA}
     */
    record Sum(int register, long offset) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new Sum(register, offset + number);
        }

        @Override
        public CfiExpression dereferenced() {
            return new Dereference(register, offset, 0);
        }
    }

    /**
     * {@code [register + offset] + addend}.
     *
     * @param register DWARF number or {@link #CFA}
     */
    record Dereference(int register, long offset, long addend) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new Dereference(register, offset, addend + number);
        }
    }

    /**
     * {@code 8 · register + offset}.
     *
     * @param register DWARF number
     */
    record Words(int register, long offset) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new Words(register, offset + number);
        }
    }

    /**
     * {@code register + 8 · index + offset}.
     *
     * @param register DWARF number or {@link #CFA}
     * @param index DWARF number
     */
    record Element(int register, int index, long offset) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new Element(register, index, offset + number);
        }

        @Override
        public CfiExpression dereferenced() {
            return new DereferencedElement(register, index, offset, 0);
        }
    }

    /**
     * {@code [register + 8 · index + offset] + addend}.
     *
     * @param register DWARF number or {@link #CFA}
     * @param index DWARF number
     */
    record DereferencedElement(int register, int index, long offset, long addend) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new DereferencedElement(register, index, offset, addend + number);
        }
    }

    /** {@code value}. */
    record Constant(long value) implements CfiExpression {
        @Override
        public CfiExpression plus(long number) {
            return new Constant(value + number);
        }
    }
}
