package io.perfagent.python.inject.aarch64;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The perf trampoline's code (CPython, Python/asm_trampoline.S, from 3.14 on asm_trampoline_aarch64.h), whose ends depend on how the
 * interpreter was built:
 *
 * <pre>
 *   [bti c | paciasp | pacibsp] stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16 [autiasp | autibsp] ret
 * </pre>
 */
final class Aarch64Trampolines {
    private static final int BTI_C = 0xd503245f;
    private static final int PACIASP = 0xd503233f;
    private static final int PACIBSP = 0xd503237f;
    private static final int AUTIASP = 0xd50323bf;
    private static final int AUTIBSP = 0xd50323ff;
    private static final int RET = 0xd65f03c0;
    private static final int[] CALL = {0xa9bf7bfd, 0x910003fd, 0xd63f0060, 0xa8c17bfd};

    private Aarch64Trampolines() {}

    static boolean begins(ByteBuffer bytes) {
        ByteBuffer code = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (code.limit() < (CALL.length + 3) * Integer.BYTES) {
            return false;
        }
        int first = code.getInt(0);
        int at = first == BTI_C || first == PACIASP || first == PACIBSP ? Integer.BYTES : 0;
        for (int instruction : CALL) {
            if (code.getInt(at) != instruction) {
                return false;
            }
            at += Integer.BYTES;
        }
        int check = code.getInt(at);
        return check == RET || ((check == AUTIASP || check == AUTIBSP) && code.getInt(at + Integer.BYTES) == RET);
    }
}
