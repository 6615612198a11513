package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * A C function that takes and returns integers and pointers, six arguments at most. Both processors pass those in registers, and a callee
 * looks at its own arguments only, variadic ones or not (System V ABI, 3.2.3 and 3.5.7; AAPCS64, 6.8.2). So all functions are called
 * through one handle: a virtual machine spins and compiles some fifteen classes for each signature that it links, which was a fifth of what
 * a short run took.
 */
public final class CFunction {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int MOST_ARGUMENTS = 6;
    private static final MethodHandle CALL = link();
    /** Layout of what is captured: one int, errno. */
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();

    private final MemorySegment address;

    private CFunction(MemorySegment address) {
        this.address = address;
    }

    /** One of the C library's. */
    public static CFunction of(String name) {
        return of(LINKER.defaultLookup(), name);
    }

    /** One of another library's. */
    public static CFunction of(SymbolLookup library, String name) {
        return new CFunction(library.findOrThrow(name));
    }

    /** Room for errno, which {@link #call} leaves there, since anything may run on the thread between the call and a later look at errno. */
    public static MemorySegment errnoIn(Arena arena) {
        return arena.allocate(CAPTURE);
    }

    /** The errno that the last call left there. */
    public static int errno(MemorySegment capture) {
        return capture.get(JAVA_INT, 0);
    }

    /** Of memory that C may be given: what is on the heap has no address that stays. */
    public static long address(MemorySegment memory) {
        if (!memory.isNative() || !memory.scope().isAlive()) {
            throw new IllegalArgumentException("no memory for C: " + memory);
        }
        return memory.address();
    }

    /**
     * Calls it. Whoever gives it addresses keeps what they lead to alive.
     *
     * @param capture from {@link #errnoIn}
     * @return what a function returns that returns 64 bits
     */
    public long call(MemorySegment capture, long... arguments) {
        if (arguments.length > MOST_ARGUMENTS) {
            throw new IllegalArgumentException(arguments.length + " arguments");
        }
        try {
            return (long) CALL.invokeExact(
                    address,
                    capture,
                    argument(arguments, 0),
                    argument(arguments, 1),
                    argument(arguments, 2),
                    argument(arguments, 3),
                    argument(arguments, 4),
                    argument(arguments, 5));
        } catch (Throwable e) {
            throw new IllegalStateException("a native call threw", e);
        }
    }

    /** As {@link #call}, for a function that returns an int. */
    public int callInt(MemorySegment capture, long... arguments) {
        return (int) call(capture, arguments);
    }

    /** As {@link #callInt}, where errno says why when it is negative. */
    public int check(String what, MemorySegment capture, long... arguments) throws LinuxException {
        int result = callInt(capture, arguments);
        if (result < 0) {
            throw new LinuxException(what, errno(capture));
        }
        return result;
    }

    private static long argument(long[] arguments, int index) {
        return index < arguments.length ? arguments[index] : 0;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        return LINKER.downcallHandle(
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.captureCallState("errno"));
    }
}
