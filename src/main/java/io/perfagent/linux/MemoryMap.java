package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Memory shared with the kernel through mmap(2). */
public final class MemoryMap implements AutoCloseable {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final MethodHandle MMAP =
            Native.errnoCall("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = Native.errnoCall("munmap", JAVA_INT, ADDRESS, JAVA_LONG);

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
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            MemorySegment at = (MemorySegment)
                    MMAP.invokeExact(capture, MemorySegment.NULL, size, protection, MAP_SHARED, fd.number(), offset);
            if (at.address() == -1) {
                throw new LinuxException("mmap of " + size + " bytes", Native.errno(capture));
            }
            return new MemoryMap(at.reinterpret(size));
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
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
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            int _ = (int) MUNMAP.invokeExact(capture, memory, memory.byteSize());
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
