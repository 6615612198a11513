package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The string table of a symbol table: in memory, for whoever looks through all names, or left in the file, for whoever wants few of
 * them. Tables of names are large, 34 MiB for a library in Rust, and a run needs those of its samples only.
 */
public abstract sealed class SymbolNames {
    private static final int MAX_NAME_BYTES = 1 << 16;
    private static final int FIRST_READ = 1 << 8;
    private static final int MAX_UNDERSCORES = 8;

    private SymbolNames() {}

    static SymbolNames inMemory(ByteBuffer table) {
        return new InMemory(table);
    }

    static SymbolNames inFile(ElfFile file, Section table) {
        return new InFile(file, table);
    }

    /** The name at an offset, {@code ""} where there is none or it cannot be read. */
    public abstract String at(long offset);

    /** Whether a name may be there: known without reading it. */
    abstract boolean mayBeAt(long offset);

    /** A byte of the table, 0 outside of it. */
    abstract byte byteAt(long offset);

    /** Underscores that a name begins with; of more than eight, eight. */
    public abstract int underscores(long offset);

    private static final class InMemory extends SymbolNames {
        private final ByteBuffer table;

        InMemory(ByteBuffer table) {
            this.table = table;
        }

        @Override
        public String at(long offset) {
            return ElfFile.string(table, offset);
        }

        @Override
        boolean mayBeAt(long offset) {
            return byteAt(offset) != 0;
        }

        @Override
        byte byteAt(long offset) {
            return offset < table.limit() ? table.get((int) offset) : 0;
        }

        @Override
        public int underscores(long offset) {
            int count = 0;
            while (count < MAX_UNDERSCORES && byteAt(offset + count) == '_') {
                count++;
            }
            return count;
        }
    }

    private static final class InFile extends SymbolNames {
        private static final int WINDOW = 1 << 10;

        private final ElfFile file;
        private final Section table;
        /** Read last: who looks through names asks for neighbours. */
        private ByteBuffer window = ByteBuffer.allocate(0);

        private long windowAt;

        InFile(ElfFile file, Section table) {
            this.file = file;
            this.table = table;
        }

        /** Most names are short: a longer one is read again, four times as much of it. */
        @Override
        public String at(long offset) {
            for (int length = FIRST_READ; length < MAX_NAME_BYTES; length *= 4) {
                ByteBuffer bytes = read(offset, length);
                if (bytes.limit() < length || contains(bytes, (byte) 0)) {
                    return ElfFile.string(bytes, 0);
                }
            }
            return ElfFile.string(read(offset, MAX_NAME_BYTES), 0);
        }

        private static boolean contains(ByteBuffer bytes, byte wanted) {
            for (int at = 0; at < bytes.limit(); at++) {
                if (bytes.get(at) == wanted) {
                    return true;
                }
            }
            return false;
        }

        /** The empty name is at offset 0 of every table. */
        @Override
        boolean mayBeAt(long offset) {
            return offset > 0 && offset < table.size();
        }

        @Override
        byte byteAt(long offset) {
            ByteBuffer bytes = read(offset, 1);
            return bytes.hasRemaining() ? bytes.get(0) : 0;
        }

        @Override
        public int underscores(long offset) {
            return inMemory(read(offset, MAX_UNDERSCORES)).underscores(0);
        }

        /** What the file has of it: it may have become shorter. */
        private ByteBuffer read(long offset, int length) {
            if (length > WINDOW) {
                return bytes(offset, length);
            }
            if (offset < windowAt || offset + length > windowAt + window.limit()) {
                window = bytes(offset, WINDOW);
                windowAt = offset;
            }
            int at = (int) (offset - windowAt);
            return window.slice(at, Math.min(length, window.limit() - at));
        }

        private ByteBuffer bytes(long offset, int length) {
            try {
                return file.read(table, offset, length);
            } catch (IOException _) {
                return ByteBuffer.allocate(0);
            }
        }
    }
}
