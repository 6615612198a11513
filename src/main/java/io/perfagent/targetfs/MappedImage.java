package io.perfagent.targetfs;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Mapping;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Whether a file is the one that a mapping shows, by what lies in the memory of the process: the notes, among them the build id, which
 * segments of type PT_NOTE hold; of a build without an id its code too, which nobody writes to.
 */
final class MappedImage {
    private static final long MAX_NOTES = 1 << 16;
    private static final long MAX_CODE = 1 << 26;
    private static final int CHUNK = 1 << 16;

    private final Mapping mapping;
    private final ProcessMemory memory;

    MappedImage(Mapping mapping, ProcessMemory memory) {
        this.mapping = mapping;
        this.memory = memory;
    }

    /** An {@link EOFException} says that the process has gone. */
    boolean is(ElfFile file) throws IOException {
        return hasNotes(file) && (file.buildId() != null || hasCode(file));
    }

    private boolean hasNotes(ElfFile file) throws IOException {
        long bias = mapping.start() - file.addressOfOffset(mapping.fileOffset());
        for (Segment notes : file.segments()) {
            boolean alike = notes.type() != Segment.PT_NOTE
                    || (notes.fileSize() <= MAX_NOTES && reads(bias + notes.address(), file.read(notes)));
            if (!alike) {
                return false;
            }
        }
        return true;
    }

    /** A segment may begin amid its first page, and a mapping show a part of it. */
    private boolean hasCode(ElfFile file) throws IOException {
        long address = file.addressOfOffset(mapping.fileOffset());
        long length = Math.min(MAX_CODE, mapping.end() - mapping.start());
        for (Segment segment : file.segments()) {
            long from = Math.max(address, segment.address());
            long to = Math.min(address + length, segment.address() + segment.fileSize());
            if (segment.type() == Segment.PT_LOAD && segment.executable() && from < to) {
                return hasCode(file, from, to, mapping.start() - address);
            }
        }
        return false;
    }

    private boolean hasCode(ElfFile file, long from, long to, long bias) throws IOException {
        for (long at = from; at < to; at += CHUNK) {
            if (!reads(bias + at, file.readAddress(at, Math.min(CHUNK, to - at)))) {
                return false;
            }
        }
        return true;
    }

    private boolean reads(long address, ByteBuffer expected) throws IOException {
        try {
            return memory.read(address, expected.remaining()).equals(expected);
        } catch (EOFException e) {
            throw e;
        } catch (IOException _) {
            return false; // no memory there
        }
    }
}
