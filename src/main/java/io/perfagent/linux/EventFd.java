package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** eventfd(2): a descriptor that becomes readable when a thread says so, which ends another's {@link Poll}. */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final MethodHandle EVENTFD = Native.errnoCall("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle WRITE = Native.errnoCall("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /** One that is not readable yet. */
    public static EventFd open() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int number = (int) EVENTFD.invokeExact(capture, 0, EFD_CLOEXEC);
            if (number < 0) {
                throw new LinuxException("eventfd", Native.errno(capture));
            }
            return new EventFd(new Fd(number));
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** It stays this object's. */
    public Fd fd() {
        return fd;
    }

    /** Makes it readable, for good. */
    public void signal() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            long _ = (long) WRITE.invokeExact(capture, fd.number(), arena.allocateFrom(JAVA_LONG, 1), 8L);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
