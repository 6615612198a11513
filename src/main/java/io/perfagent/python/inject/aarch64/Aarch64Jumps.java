package io.perfagent.python.inject.aarch64;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Targets of direct branches other than calls in a piece of code (Arm ARM, C4.1.93), which is made of words:
 *
 * <pre>
 *   b       000101 imm26            b.cond     01010100 imm19 …
 *   cbz/nz  x011010x imm19 …        tbz/tbnz   x011011x b40 imm14 …
 * </pre>
 */
final class Aarch64Jumps {
    private static final int NONE = 0;

    private Aarch64Jumps() {}

    static long[] targets(ByteBuffer bytes, long address) {
        ByteBuffer code = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long[] found = new long[code.limit() / Integer.BYTES];
        int count = 0;
        for (int at = 0; at + Integer.BYTES <= code.limit(); at += Integer.BYTES) {
            int distance = distance(code.getInt(at));
            if (distance != NONE) {
                found[count++] = address + at + distance;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** In bytes; a branch to itself leads nowhere else. */
    private static int distance(int instruction) {
        if ((instruction & 0xfc000000) == 0x14000000) {
            return instruction << 6 >> 6 << 2;
        }
        if ((instruction & 0xff000000) == 0x54000000 || (instruction & 0x7e000000) == 0x34000000) {
            return instruction << 8 >> 13 << 2;
        }
        if ((instruction & 0x7e000000) == 0x36000000) {
            return instruction << 13 >> 18 << 2;
        }
        return NONE;
    }
}
