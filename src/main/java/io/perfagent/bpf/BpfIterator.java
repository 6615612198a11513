package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.function.Consumer;

/** A program that the kernel runs over what it has of a kind, such as tasks, while we read what the program writes. It ends with its object. */
public final class BpfIterator {
    /** The kernel collects so much before it hands it over (kernel/bpf/bpf_iter.c). */
    private static final int BUFFER = 1 << 15;

    private static final MethodHandle READ = Native.errnoCall("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

    private final String program;
    private final int link;

    /** @param link descriptor, which belongs to the object */
    BpfIterator(String program, int link) {
        this.program = program;
        this.link = link;
    }

    /**
     * Runs it over all that there is now.
     *
     * @param recordBytes that the program writes each time it writes
     * @param each takes a record; the segment is valid during the call only
     */
    public void read(long recordBytes, Consumer<MemorySegment> each) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                Fd run = create(arena)) {
            MemorySegment buffer = arena.allocate(BUFFER + recordBytes, Long.BYTES);
            long held = 0;
            for (long read = read(arena, run, buffer, held); read > 0; read = read(arena, run, buffer, held)) {
                held += read;
                long taken = 0;
                for (; held - taken >= recordBytes; taken += recordBytes) {
                    each.accept(buffer.asSlice(taken, recordBytes));
                }
                MemorySegment.copy(buffer, taken, buffer, 0, held - taken); // a record may be split
                held -= taken;
            }
        }
    }

    private Fd create(Arena arena) throws LinuxException {
        try {
            int fd = (int) Libbpf.ITERATOR_CREATE.invokeExact(arena.allocate(Native.CAPTURE), link);
            BpfObject.check("bpf_iter_create(" + program + ")", fd);
            return new Fd(fd);
        } catch (Throwable e) {
            throw BpfObject.passOn(e);
        }
    }

    private long read(Arena arena, Fd run, MemorySegment buffer, long at) throws LinuxException {
        MemorySegment capture = arena.allocate(Native.CAPTURE);
        while (true) {
            try {
                long count = (long) READ.invokeExact(capture, run.number(), buffer.asSlice(at), (long) BUFFER);
                if (count >= 0) {
                    return count;
                }
            } catch (Throwable e) {
                throw Native.unexpected(e);
            }
            Errno errno = Errno.of(Native.errno(capture));
            if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                throw new LinuxException("read of " + program, Native.errno(capture));
            }
        }
    }
}
