package io.perfagent.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory shared with the kernel through mmap(2). */
public final class MemoryMap implements AutoCloseable {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final long ANYWHERE = 0;
    private static final long MAP_FAILED = -1;
    private static final CFunction MMAP = CFunction.of("mmap");
    private static final CFunction MUNMAP = CFunction.of("munmap");

    private final MemorySegment memory;
    private boolean mapped = true;

    private MemoryMap(MemorySegment memory) {
        this.memory = memory;
    }

    /**
     * Maps {@code size} bytes of {@code fd} from {@code offset}.
     *
     * @param writable whether it may be written as well as read
     */
    @SuppressWarnings("restricted")
    public static MemoryMap of(Fd fd, long offset, long size, boolean writable) throws LinuxException {
        int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = CFunction.errnoIn(arena);
            long at = MMAP.call(capture, ANYWHERE, size, protection, MAP_SHARED, fd.number(), offset);
            if (at == MAP_FAILED) {
                throw new LinuxException("mmap of " + size + " bytes", CFunction.errno(capture));
            }
            return new MemoryMap(MemorySegment.ofAddress(at).reinterpret(size));
        }
    }

    /** The memory; not to be touched after {@link #close}. */
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public void close() {
        if (!mapped) {
            return;
        }
        mapped = false;
        try (Arena arena = Arena.ofConfined()) {
            long _ = MUNMAP.call(CFunction.errnoIn(arena), memory.address(), memory.byteSize());
        }
    }
}
