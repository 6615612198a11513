package io.perfagent.safety;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.MapGuard;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.x86_64.X86Architecture;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** The real one, with a fault in one of its answers that injectors have had. The product knows nothing of it. */
final class FaultyArchitecture {
    private static final int XRSTOR_OPCODE = 0xae;
    private static final int NOP_OPCODE = 0x1f;
    private static final byte[] SYSCALL = {0x0f, 0x05};
    private static final byte[] NOP = {0x66, (byte) 0x90};
    private static final long EINTR = -4;
    private static final int JUMP_BYTES = 6;

    private FaultyArchitecture() {}

    /** {@code xrstor64 [rsp]} becomes {@code nop [rsp]}: the same bytes but one. */
    static Architecture forgetsVectors() {
        return with(byte[].class, "routine", code -> {
            code[xrstor(code) + 2] = NOP_OPCODE;
            return code;
        });
    }

    /** The last system call before that is the one that restores the signal mask. */
    static Architecture leavesSignalsBlocked() {
        return with(byte[].class, "routine", code -> {
            int at = xrstor(code);
            while (code[at] != SYSCALL[0] || code[at + 1] != SYSCALL[1]) {
                at--;
            }
            System.arraycopy(NOP, 0, code, at, NOP.length);
            return code;
        });
    }

    /** A call that was interrupted is not entered again. */
    static Architecture interruptsCalls() {
        return with(
                Resumption.class,
                "resumption",
                back -> back.restart() == Restart.NONE
                        ? back
                        : new Resumption(
                                back.interruptedAt(),
                                EINTR,
                                back.interruptedAt(),
                                Restart.NONE,
                                back.processorState()));
    }

    /** {@code call rax} of the second call becomes a nop: the line is written, the map stays open. */
    static Architecture leavesTheMapOpen() {
        return with(MapGuard.Code.class, "mapGuard", guard -> {
            int first = find(guard.code(), guard.write(), 0xff, 0xd0);
            int second = find(guard.code(), first + 2, 0xff, 0xd0);
            System.arraycopy(NOP, 0, guard.code(), second, NOP.length);
            return guard;
        });
    }

    static Architecture takesAnyInterpreter() {
        return with(byte[].class, "routine", code -> {
            always(code, find(code, 0, 0x4c, 0x39, 0xe0, 0x0f, 0x84) + 3); // cmp %r12,%rax; je
            return code;
        });
    }

    /** Neither asks prctl nor keeps CPython from printing. */
    static Architecture asksForExecutableMemory() {
        return with(byte[].class, "routine", code -> {
            int at = find(code, 0, 0xb8, 157, 0, 0, 0); // mov $prctl,%eax
            neverEqual(code, at);
            always(code, find(code, at, 0x0f, 0x85));
            int hook = find(code, 0, "hook=bool".chars().toArray());
            System.arraycopy("hook=h   ".getBytes(StandardCharsets.US_ASCII), 0, code, hook, "hook=bool".length());
            return code;
        });
    }

    /** Asks after names on no version. */
    static Architecture takesAnyName() {
        return with(byte[].class, "routine", code -> {
            int version = find(code, 0, ".get(v[1],0)".chars().toArray());
            System.arraycopy(
                    ".get(0000,0)".getBytes(StandardCharsets.US_ASCII), 0, code, version, ".get(0000,0)".length());
            return code;
        });
    }

    /** Knows of no thread whether it runs Python. */
    static Architecture seesNoInterpreter() {
        return with(OptionalLong.class, "getter", _ -> OptionalLong.empty());
    }

    /** The next {@code je}, which is not taken any more. */
    private static void neverEqual(byte[] code, int from) {
        int at = find(code, from, 0x0f, 0x84);
        Arrays.fill(code, at, at + JUMP_BYTES, (byte) 0x90);
    }

    /** A conditional jump that is always taken. */
    private static void always(byte[] code, int at) {
        code[at] = (byte) 0x90;
        code[at + 1] = (byte) 0xe9;
    }

    private static int find(byte[] code, int from, int... wanted) {
        for (int at = from; at <= code.length - wanted.length; at++) {
            int matched = 0;
            while (matched < wanted.length && (code[at + matched] & 0xff) == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return at;
            }
        }
        throw new IllegalStateException("the code is not what it was");
    }

    private static int xrstor(byte[] code) {
        for (int at = code.length - 5; at >= 0; at--) {
            boolean restores = code[at] == 0x48
                    && code[at + 1] == 0x0f
                    && (code[at + 2] & 0xff) == XRSTOR_OPCODE
                    && (code[at + 3] & 0x38) == 5 << 3;
            if (restores) {
                return at;
            }
        }
        throw new IllegalStateException("no xrstor in the routine");
    }

    private static <T> Architecture with(Class<T> answer, String method, UnaryOperator<T> fault) {
        Architecture real = new X86Architecture();
        return (Architecture) Proxy.newProxyInstance(
                Architecture.class.getClassLoader(), new Class<?>[] {Architecture.class}, (_, called, arguments) -> {
                    try {
                        Object result = called.invoke(real, arguments);
                        boolean faulty = called.getName().equals(method) && result != null;
                        return faulty ? fault.apply(answer.cast(result)) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
