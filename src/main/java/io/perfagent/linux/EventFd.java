package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;

/** eventfd(2): a descriptor that becomes readable when a thread says so, which ends another's {@link Poll}. */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final CFunction EVENTFD = CFunction.of("eventfd");
    private static final CFunction WRITE = CFunction.of("write");

    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /** One that is not readable yet. */
    public static EventFd open() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return new EventFd(new Fd(EVENTFD.check("eventfd", CFunction.errnoIn(arena), 0, EFD_CLOEXEC)));
        }
    }

    /** It stays this object's. */
    public Fd fd() {
        return fd;
    }

    /** Makes it readable, for good. */
    public void signal() {
        try (Arena arena = Arena.ofConfined()) {
            long one = CFunction.address(arena.allocateFrom(JAVA_LONG, 1));
            long _ = WRITE.call(CFunction.errnoIn(arena), fd.number(), one, Long.BYTES);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
