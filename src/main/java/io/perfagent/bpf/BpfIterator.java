package io.perfagent.bpf;

import io.perfagent.linux.CFunction;
import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** A program that the kernel runs over what it has of a kind, such as tasks, while we read what the program writes. It ends with its object. */
public final class BpfIterator {
    /** The kernel collects so much before it hands it over (kernel/bpf/bpf_iter.c). */
    private static final int BUFFER = 1 << 15;

    private static final CFunction READ = CFunction.of("read");

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
        int fd = Libbpf.ITERATOR_CREATE.callInt(CFunction.errnoIn(arena), link);
        BpfObject.check("bpf_iter_create(" + program + ")", fd);
        return new Fd(fd);
    }

    private long read(Arena arena, Fd run, MemorySegment buffer, long at) throws LinuxException {
        MemorySegment capture = CFunction.errnoIn(arena);
        while (true) {
            long count = READ.call(capture, run.number(), buffer.address() + at, BUFFER);
            if (count >= 0) {
                return count;
            }
            Errno errno = Errno.of(CFunction.errno(capture));
            if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
                throw new LinuxException("read of " + program, CFunction.errno(capture));
            }
        }
    }
}
