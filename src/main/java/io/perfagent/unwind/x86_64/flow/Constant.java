package io.perfagent.unwind.x86_64.flow;

import io.perfagent.unwind.x86_64.flow.Decoder.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The register that the instructions on a way have loaded with a number of 64 bits, as code does that is made at an address from which no jump of
 * 32 bits reaches: {@code movabs $x,%r11; lea y(%r11),%r11; jmp *%r11}. PyPy's compiler adds to it where it has jumped to, too.
 *
 * @param register number of its encoding
 * @param known false where something was added to a number that was loaded before the way began: it is one, but nobody knows which
 */
record Constant(int register, long value, boolean known) {
    static final Constant NONE = new Constant(-1, 0, false);

    private static final int MOVABS = 0xb8;
    private static final int GROUP_FIVE = 0xff;
    private static final int CALL = 2;
    private static final int JUMP = 4;
    private static final int IN_REGISTER = 3;

    boolean isJumpedThrough(Decoder instruction) {
        return known && goesThrough(instruction, JUMP);
    }

    boolean isCalledThrough(Decoder instruction) {
        return goesThrough(instruction, CALL);
    }

    private boolean goesThrough(Decoder in, int operation) {
        return isOfMapOne(in)
                && in.opcode == GROUP_FIVE
                && (in.reg & 7) == operation
                && in.mod == IN_REGISTER
                && in.rm == register;
    }

    /** What is known behind an instruction. */
    Constant behind(Decoder in, long effect, byte[] bytes, int length) {
        if (isOfMapOne(in) && (in.opcode & ~7) == MOVABS && in.wide()) {
            ByteBuffer number = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            return new Constant(in.opcodesRegister(), number.getLong(length - Long.BYTES), true);
        }
        if (Effect.kind(effect) == Kind.SUM && Effect.register(effect) == Effect.base(effect)) {
            int changed = Effect.register(effect);
            boolean mine = changed == register;
            return mine || !known ? new Constant(changed, value + Effect.value(effect), mine && known) : this;
        }
        return isChanged(effect) ? NONE : this;
    }

    private boolean isChanged(long effect) {
        boolean otherwise = register >= 0 && (Effect.mask(effect) >>> register & 1) != 0;
        return otherwise
                || switch (Effect.kind(effect)) {
                    case CALL, CALL_ANYTHING -> true;
                    case POP, LOAD, SUM -> Effect.register(effect) == register;
                    default -> false;
                };
    }

    private static boolean isOfMapOne(Decoder in) {
        return in.encoding == Encoding.LEGACY && in.map == Decoder.MAP_ONE;
    }
}
