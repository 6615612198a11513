package io.perfagent.linux;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Another process's memory through {@code /proc/<pid>/mem} (proc_pid_mem(5)). The open file stands for the address space and
 * not for the PID: once the process has exited or called execve, every access is an {@link EOFException}. Writing works on pages
 * that the process itself may not write; those are copied first, so that no file and no other process sees the change.
 */
public final class ProcessMemory implements AutoCloseable {
    private final int pid;
    private final FileChannel memory;

    private ProcessMemory(int pid, FileChannel memory) {
        this.pid = pid;
        this.memory = memory;
    }

    public static ProcessMemory open(int pid) throws IOException {
        Path path = Path.of("/proc", Integer.toString(pid), "mem");
        return new ProcessMemory(pid, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** For reading only. */
    public static ProcessMemory view(int pid) throws IOException {
        Path path = Path.of("/proc", Integer.toString(pid), "mem");
        return new ProcessMemory(pid, FileChannel.open(path, StandardOpenOption.READ));
    }

    /** {@code length} bytes, little-endian, position 0. */
    public ByteBuffer read(long address, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            expect(memory.read(bytes, address + bytes.position()), address);
        }
        return bytes.flip();
    }

    /** The little-endian 64-bit word at {@code address}. */
    public long word(long address) throws IOException {
        return read(address, Long.BYTES).getLong(0);
    }

    public void write(long address, byte[] bytes) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        while (from.hasRemaining()) {
            expect(memory.write(from, address + from.position()), address);
        }
    }

    @Override
    public void close() throws IOException {
        memory.close();
    }

    private void expect(int count, long address) throws EOFException {
        if (count <= 0) {
            throw new EOFException("process " + pid + " has no memory at 0x" + Long.toHexString(address) + " any more");
        }
    }
}
