package io.perfagent.python.inject.x86_64;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Targets of near jumps in a piece of code. Every byte is taken for a possible start of {@code e9 rel32} or {@code 0f 8x rel32}: what
 * is found has all of them, and some that are none.
 */
final class X86Jumps {
    private static final int JMP = 0xe9;
    private static final int LONGEST = 6;

    private X86Jumps() {}

    static long[] targets(ByteBuffer code, long address) {
        long[] found = new long[Math.max(code.limit(), 0)];
        int count = 0;
        for (int at = 0; at + LONGEST <= code.limit(); at++) {
            int opcode = Byte.toUnsignedInt(code.get(at));
            if (opcode == JMP) {
                found[count++] = address + at + 5 + code.getInt(at + 1);
            } else if (opcode == 0x0f && (code.get(at + 1) & 0xf0) == 0x80) {
                found[count++] = address + at + 6 + code.getInt(at + 2);
            }
        }
        return Arrays.copyOf(found, count);
    }
}
