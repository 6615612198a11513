package io.perfagent.rewalk.x86_64;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongPredicate;

/**
 * Code that is no more than a jump: entries of a procedure linkage table ({@code jmp *rel32(%rip)}, behind {@code endbr64} and with
 * {@code bnd} or without), and what chooses among routines.
 */
final class Jumps {
    private static final int MOST = 3;
    private static final int BYTES = 16;
    private static final int ENDBR64 = 0xfa1e0ff3;
    private static final int BND = 0xf2;
    private static final short JUMP_RIP_RELATIVE = 0x25ff;
    private static final int JUMP_RELATIVE = 0xe9;
    private static final long NOWHERE = 0;

    private final CodeMemory memory;
    private final byte[] code = new byte[BYTES];
    private final ByteBuffer numbers = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);

    Jumps(CodeMemory memory) {
        this.memory = memory;
    }

    /** Whether one from an address, or some one after the other, lead to where they should. */
    boolean lead(long from, LongPredicate there) {
        long to = from;
        for (int i = 0; i < MOST; i++) {
            to = target(to);
            if (to == NOWHERE || there.test(to)) {
                return to != NOWHERE;
            }
        }
        return false;
    }

    private long target(long address) {
        if (!memory.read(address, code, 0, BYTES)) {
            return NOWHERE;
        }
        int at = numbers.getInt(0) == ENDBR64 ? Integer.BYTES : 0;
        at += Byte.toUnsignedInt(code[at]) == BND ? 1 : 0;
        if (numbers.getShort(at) == JUMP_RIP_RELATIVE) {
            return pointer(address + at + 6 + numbers.getInt(at + 2));
        }
        return Byte.toUnsignedInt(code[at]) == JUMP_RELATIVE ? address + at + 5 + numbers.getInt(at + 1) : NOWHERE;
    }

    private long pointer(long slot) {
        return memory.read(slot, code, 0, Long.BYTES) ? numbers.getLong(0) : NOWHERE;
    }
}
