package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Where our standard streams lead. */
public enum StandardStream {
    OUTPUT(1),
    ERROR(2);

    private static final int F_GETFL = 3;
    private static final int O_ACCMODE = 3;
    private static final MethodHandle ISATTY = Native.errnoCall("isatty", JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL =
            Native.variadicErrnoCall("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

    private final int fd;

    StandardStream(int fd) {
        this.fd = fd;
    }

    public boolean isTerminal() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) ISATTY.invokeExact(arena.allocate(Native.CAPTURE), fd) == 1;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Not where it is closed, or open for reading only: so the launcher leaves one that it found closed. */
    public boolean isWritable() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int flags = (int) FCNTL.invokeExact(capture, fd, F_GETFL, 0);
            return flags >= 0 && (flags & O_ACCMODE) != 0;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
