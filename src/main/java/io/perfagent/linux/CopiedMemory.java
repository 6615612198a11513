package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Another process's memory by process_vm_readv(2), which takes the right to trace and nothing else, while {@code /proc/<pid>/mem} has
 * the mode of a file as well. The call goes by the PID. What it returned is that process's, and still the same program's, if the
 * list of mappings, which was opened once and belongs to one address space, can be read afterwards.
 *
 * <pre>
 *   struct iovec: 0 address u64 │ 8 length u64
 * </pre>
 */
final class CopiedMemory implements Closeable {
    private static final int IOVEC = 16;
    private static final CFunction PROCESS_VM_READV = CFunction.of("process_vm_readv");

    private final int pid;
    private final FileChannel mappings;

    CopiedMemory(int pid) throws IOException {
        this.pid = pid;
        this.mappings = FileChannel.open(Path.of("/proc", Integer.toString(pid), "maps"), StandardOpenOption.READ);
    }

    /** As {@link FileChannel#read(ByteBuffer, long)}: how many bytes came, −1 where the address space is no more. */
    int read(ByteBuffer into, long address) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(into.remaining());
            int count = copy(arena, bytes, address);
            if (!isThere()) {
                return -1;
            }
            into.put(bytes.asSlice(0, count).asByteBuffer());
            return count;
        } catch (LinuxException e) {
            if (isThere()) {
                throw e;
            }
            return -1;
        }
    }

    private boolean isThere() throws IOException {
        return mappings.read(ByteBuffer.allocate(1), 0) > 0;
    }

    @Override
    public void close() throws IOException {
        mappings.close();
    }

    private int copy(Arena arena, MemorySegment bytes, long address) throws LinuxException {
        MemorySegment capture = CFunction.errnoIn(arena);
        MemorySegment ours = vector(arena, bytes.address(), bytes.byteSize());
        MemorySegment theirs = vector(arena, address, bytes.byteSize());
        long count = PROCESS_VM_READV.call(capture, pid, CFunction.address(ours), 1, CFunction.address(theirs), 1, 0);
        if (count < 0) {
            throw new LinuxException("process_vm_readv(" + pid + ")", CFunction.errno(capture));
        }
        return (int) count;
    }

    private static MemorySegment vector(Arena arena, long address, long length) {
        MemorySegment vector = arena.allocate(IOVEC, Long.BYTES);
        vector.set(JAVA_LONG, 0, address);
        vector.set(JAVA_LONG, Long.BYTES, length);
        return vector;
    }
}
