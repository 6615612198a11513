package io.perfagent.linux;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Another process's memory through {@code /proc/<pid>/mem} (proc_pid_mem(5)). The open file stands for the address space and
 * not for the PID: once the process has exited or called execve, every access is an {@link EOFException}. Writing works on pages
 * that the process itself may not write; those are copied first, so that no file and no other process sees the change.
 */
public final class ProcessMemory implements AutoCloseable {
    /** Of what may have no end soon. */
    private static final int FIRST_PART = 1 << 14;

    private final int pid;
    private final Reader reader;
    private final @Nullable FileChannel writer;
    private final Closeable opened;

    /** See {@link FileChannel#read(ByteBuffer, long)}. */
    private interface Reader {
        int read(ByteBuffer into, long address) throws IOException;
    }

    private ProcessMemory(int pid, Reader reader, @Nullable FileChannel writer, Closeable opened) {
        this.pid = pid;
        this.reader = reader;
        this.writer = writer;
        this.opened = opened;
    }

    public static ProcessMemory open(int pid) throws IOException {
        FileChannel memory = FileChannel.open(file(pid), StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new ProcessMemory(pid, memory::read, memory, memory);
    }

    /** For reading only; also of another user's process without CAP_DAC_OVERRIDE. */
    @SuppressWarnings("resource") // it is open as long as this is
    public static ProcessMemory view(int pid) throws IOException {
        try {
            FileChannel memory = FileChannel.open(file(pid), StandardOpenOption.READ);
            return new ProcessMemory(pid, memory::read, null, memory);
        } catch (AccessDeniedException _) {
            CopiedMemory memory = new CopiedMemory(pid);
            return new ProcessMemory(pid, memory::read, null, memory);
        }
    }

    private static Path file(int pid) {
        return Path.of("/proc", Integer.toString(pid), "mem");
    }

    /** {@code length} bytes, little-endian, position 0. */
    public ByteBuffer read(long address, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            expect(reader.read(bytes, address + bytes.position()), address);
        }
        return bytes.flip();
    }

    /** As many bytes as there are from an address on, up to {@code most}: memory ends where a page cannot be read. */
    public byte[] readUpToEnd(long address, int most) {
        byte[] bytes = new byte[Math.min(most, FIRST_PART)];
        int read = 0;
        try {
            while (read < most) {
                int count = reader.read(ByteBuffer.wrap(bytes, read, bytes.length - read), address + read);
                if (count <= 0) {
                    break;
                }
                read += count;
                if (read == bytes.length && read < most) {
                    bytes = Arrays.copyOf(bytes, (int) Math.min(most, 2L * read));
                }
            }
        } catch (IOException _) {
            // It ends at a page's beginning.
        }
        return Arrays.copyOf(bytes, read);
    }

    /** The little-endian 64-bit word at {@code address}. */
    public long word(long address) throws IOException {
        return read(address, Long.BYTES).getLong(0);
    }

    public void write(long address, byte[] bytes) throws IOException {
        if (writer == null) {
            throw new NonWritableChannelException();
        }
        ByteBuffer from = ByteBuffer.wrap(bytes);
        while (from.hasRemaining()) {
            expect(writer.write(from, address + from.position()), address);
        }
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }

    private void expect(int count, long address) throws EOFException {
        if (count <= 0) {
            throw new EOFException("process " + pid + " has no memory at 0x" + Long.toHexString(address) + " any more");
        }
    }
}
