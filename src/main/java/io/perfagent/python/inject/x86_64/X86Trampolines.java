package io.perfagent.python.inject.x86_64;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The perf trampoline's code (CPython, Python/asm_trampoline.S):
 *
 * <pre>
 *   [endbr64] sub $8,%rsp        call *%rcx  add $8,%rsp  ret      until 3.13.5
 *   [endbr64] push %rbp; mov …   call *%rcx  pop %rbp     ret      from then on
 * </pre>
 */
final class X86Trampolines {
    private static final byte[] ENDBR64 = HexFormat.of().parseHex("f30f1efa");
    private static final byte[] WITHOUT_FRAME = HexFormat.of().parseHex("4883ec08ffd14883c408c3");
    private static final byte[] WITH_FRAME = HexFormat.of().parseHex("554889e5ffd15dc3");

    private X86Trampolines() {}

    static boolean begins(ByteBuffer code) {
        int start = startsWith(code, 0, ENDBR64) ? ENDBR64.length : 0;
        return startsWith(code, start, WITHOUT_FRAME) || startsWith(code, start, WITH_FRAME);
    }

    private static boolean startsWith(ByteBuffer code, int at, byte[] pattern) {
        return at + pattern.length <= code.limit()
                && code.slice(at, pattern.length).equals(ByteBuffer.wrap(pattern));
    }
}
