package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Where 3.6 keeps its list of interpreters: it has no {@code _PyRuntime}, and the variable {@code interp_head} has no exported name, but a
 * function that does nothing but return it has.
 *
 * <pre>
 *   [f3 0f 1e fa]  48 8b 05 ‹32 bits›  c3        [endbr64]  mov interp_head(%rip),%rax  ret
 * </pre>
 */
public final class InterpreterHead {
    private static final int ENDBR64 = 0xfa1e_0ff3;
    private static final int LOAD = 0x05_8b48;
    private static final int LOAD_BYTES = 7;
    private static final byte RETURN = (byte) 0xc3;

    private InterpreterHead() {}

    /** @param function address of {@code PyInterpreterState_Head}, x86-64 */
    public static OptionalLong find(long function, CodeMemory memory) {
        try {
            ByteBuffer code = new PythonMemory(memory).read(function, Integer.BYTES + LOAD_BYTES + 1);
            int load = code.getInt(0) == ENDBR64 ? Integer.BYTES : 0;
            boolean expected = (code.getInt(load) & 0xff_ffff) == LOAD && code.get(load + LOAD_BYTES) == RETURN;
            return expected
                    ? OptionalLong.of(function + load + LOAD_BYTES + code.getInt(load + 3))
                    : OptionalLong.empty();
        } catch (MissedException _) {
            return OptionalLong.empty();
        }
    }
}
