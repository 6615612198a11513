package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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
    private static final CFunction ISATTY = CFunction.of("isatty");
    private static final CFunction FCNTL = CFunction.of("fcntl");
    private static final CFunction IOCTL = CFunction.of("ioctl");

    private final int fd;

    StandardStream(int fd) {
        this.fd = fd;
    }

    public boolean isTerminal() {
        try (Arena arena = Arena.ofConfined()) {
            return ISATTY.callInt(CFunction.errnoIn(arena), fd) == 1;
        }
    }

    /** How wide the terminal is, in characters; 0 where it is none, or does not say. */
    public int columns() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(WINSIZE_BYTES);
            int failed = IOCTL.callInt(CFunction.errnoIn(arena), fd, TIOCGWINSZ, size.address());
            return failed == 0 ? Short.toUnsignedInt(size.get(JAVA_SHORT, COLUMNS_AT)) : 0;
        }
    }

    /** Not where it is closed, or open for reading only: so the launcher leaves one that it found closed. */
    public boolean isWritable() {
        try (Arena arena = Arena.ofConfined()) {
            int flags = FCNTL.callInt(CFunction.errnoIn(arena), fd, F_GETFL);
            return flags >= 0 && (flags & O_ACCMODE) != 0;
        }
    }
}
