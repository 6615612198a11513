package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file's bytes by ELF address, a window of them in memory at a time: for readers that go forward. */
final class FileWindow {
    /** Read from a file, where there are so many. */
    private static final int BYTES = 1 << 18;

    private static final int ABSENT = -1;

    private final ElfFile file;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long start;

    FileWindow(ElfFile file) {
        this.file = file;
    }

    /** The byte at an address, −1 where the file has none. */
    int at(long address) throws IOException {
        if (address - start < 0 || address - start >= window.limit()) {
            load(address);
        }
        return window.limit() == 0 ? ABSENT : window.get((int) (address - start)) & 0xff;
    }

    /** Bytes from an address on; 0 for those that the file does not have. */
    byte[] bytes(long address, int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) Math.max(0, at(address + i));
        }
        return bytes;
    }

    private void load(long address) throws IOException {
        start = address;
        window = ByteBuffer.allocate(0);
        for (Segment segment : file.segments()) {
            long inside = address - segment.address();
            if (segment.type() == Segment.PT_LOAD && inside >= 0 && inside < segment.fileSize()) {
                window = file.readAddress(address, Math.min(BYTES, segment.fileSize() - inside));
                return;
            }
        }
    }
}
