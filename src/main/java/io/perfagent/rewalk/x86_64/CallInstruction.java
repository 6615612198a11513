package io.perfagent.rewalk.x86_64;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Calls of near code (Intel SDM, volume 2, CALL): {@code e8 rel32}, or {@code ff /2} of 2 to 7 bytes. */
final class CallInstruction {
    private static final int CALL_RELATIVE = 0xe8;
    private static final int RELATIVE_LENGTH = 5;
    private static final int GROUP_5 = 0xff;
    private static final int CALL_OF_GROUP_5 = 2;
    private static final int LONGEST = 7;

    private CallInstruction() {}

    /** Whether it would be {@code e8 rel32}. */
    static boolean isRelative(byte[] code, int end) {
        return Byte.toUnsignedInt(code[end - RELATIVE_LENGTH]) == CALL_RELATIVE;
    }

    /** From the position to where {@code e8 rel32} leads. */
    static long distance(byte[] code, int end) {
        return ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).getInt(end - Integer.BYTES);
    }

    /** Whether the bytes before a position, of which there are at least 8, may be a call. */
    static boolean endsAt(byte[] code, int end) {
        return isRelative(code, end) || isIndirect(code, end);
    }

    /** Whether they may be one through a register or memory. */
    static boolean isIndirect(byte[] code, int end) {
        for (int length = 2; length <= LONGEST; length++) {
            int register = code[end - length + 1] >>> 3 & 7; // of the ModRM byte
            if (Byte.toUnsignedInt(code[end - length]) == GROUP_5 && register == CALL_OF_GROUP_5) {
                return true;
            }
        }
        return false;
    }
}
