package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Where versions up to 3.11 keep the state of the thread that has the GIL. Releases differ, but a function that does nothing but return it,
 * {@code _PyThreadState_UncheckedGet}, has an exported name in all of them:
 *
 * <pre>
 *   [f3 0f 1e fa]  48 8b 05 ‹32 bits›  c3                          mov variable(%rip),%rax  ret
 *                  48 8b 05 ‹32 bits›  48 8b 00  c3                mov pointer(%rip),%rax   mov (%rax),%rax  ret
 *                  48 8b 05 ‹32 bits›  48 8b 80 ‹32 bits›  c3      …                        mov n(%rax),%rax  ret
 * </pre>
 */
final class GilVariable {
    private static final int ENDBR64 = 0xfa1e_0ff3;
    private static final int LOAD = 0x05_8b48;
    private static final int LOAD_BYTES = 7;
    private static final int FOLLOW = 0x00_8b48;
    private static final int FOLLOW_BYTES = 3;
    private static final int FOLLOW_FAR = 0x80_8b48;
    private static final byte RETURN = (byte) 0xc3;
    private static final int MOST_BYTES = 4 + LOAD_BYTES + 7 + 1;

    private GilVariable() {}

    /** @param function its address, x86-64 */
    static OptionalLong find(long function, CodeMemory memory) {
        PythonMemory of = new PythonMemory(memory);
        try {
            ByteBuffer code = of.read(function, MOST_BYTES);
            int load = code.getInt(0) == ENDBR64 ? Integer.BYTES : 0;
            int then = load + LOAD_BYTES;
            if ((code.getInt(load) & 0xff_ffff) != LOAD) {
                return OptionalLong.empty();
            }
            long loaded = function + then + code.getInt(load + 3);
            if (code.get(then) == RETURN) {
                return OptionalLong.of(loaded);
            }
            int next = code.getInt(then) & 0xff_ffff;
            if (next == FOLLOW && code.get(then + FOLLOW_BYTES) == RETURN) {
                return OptionalLong.of(of.word(loaded));
            }
            boolean far = next == FOLLOW_FAR && code.get(then + LOAD_BYTES) == RETURN;
            return far ? OptionalLong.of(of.word(loaded) + code.getInt(then + 3)) : OptionalLong.empty();
        } catch (MissedException _) {
            return OptionalLong.empty();
        }
    }
}
