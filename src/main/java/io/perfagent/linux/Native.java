package io.perfagent.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Links C functions. A handle from {@link #errnoCall} takes, before the function's own arguments, a segment of {@link
 * #CAPTURE} in which errno is left, since anything may run on the thread between the call and a later look at errno.
 */
public final class Native {
    /** Layout of the captured state: one int, errno. */
    public static final StructLayout CAPTURE = Linker.Option.captureStateLayout();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Native() {}

    /** The C library's {@code name}, with errno captured. */
    @SuppressWarnings("restricted")
    public static MethodHandle errnoCall(String name, ValueLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LIBC.findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /** As {@link #errnoCall}, for a function with {@code fixed} named arguments and variadic ones after them. */
    @SuppressWarnings("restricted")
    public static MethodHandle variadicErrnoCall(
            String name, int fixed, ValueLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LIBC.findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(fixed));
    }

    /** The errno that the last call left in {@code capture}. */
    public static int errno(MemorySegment capture) {
        return (int) ERRNO.get(capture, 0L);
    }

    /** What a {@link Throwable} out of {@code invokeExact} can only be: a fault of ours. */
    public static IllegalStateException unexpected(Throwable cause) {
        return new IllegalStateException("a native call threw", cause);
    }
}
