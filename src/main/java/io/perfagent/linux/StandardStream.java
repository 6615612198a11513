package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Where our standard streams lead. */
public enum StandardStream {
    INPUT(0),
    OUTPUT(1),
    ERROR(2);

    private static final int F_GETFL = 3;
    private static final int O_ACCMODE = 3;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int WINSIZE_BYTES = 8; // ioctl_tty(2): rows, columns and two more, 16 bits each
    private static final int COLUMNS_AT = 2;
    private static final MethodHandle ISATTY = Native.errnoCall("isatty", JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL =
            Native.variadicErrnoCall("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

    private static final MethodHandle IOCTL =
            Native.variadicErrnoCall("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS);

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

    /** How wide the terminal is, in characters; 0 where it is none, or does not say. */
    public int columns() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(WINSIZE_BYTES);
            int failed = (int) IOCTL.invokeExact(arena.allocate(Native.CAPTURE), fd, (long) TIOCGWINSZ, size);
            return failed == 0 ? Short.toUnsignedInt(size.get(JAVA_SHORT, COLUMNS_AT)) : 0;
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
