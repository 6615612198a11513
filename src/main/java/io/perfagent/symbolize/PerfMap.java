package io.perfagent.symbolize;

import io.perfagent.model.PrintableName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A perf map: what a process says of the code that it made itself (Linux, tools/perf/Documentation/jit-interface.txt). The
 * process wrote it, so it may say anything: lines are parsed by {@link PerfMapParser} within bounds, names are read from the
 * open file when asked for, and what cannot be parsed is counted. Where entries overlap the last one counts, since code is
 * freed and its memory used again.
 */
final class PerfMap implements AutoCloseable {
    private static final int MAX_NAME_BYTES = 4096;

    private final SeekableByteChannel file;
    private final PerfMapParser entries;
    private final AddressRanges ranges;

    private PerfMap(SeekableByteChannel file, PerfMapParser entries) {
        this.file = file;
        this.entries = entries;
        this.ranges = AddressRanges.of(entries.starts(), entries.ends(), entries.count());
    }

    /** Reads the map, of a huge one the last 256 MiB, and keeps the file; where that fails the file is closed. */
    static PerfMap read(SeekableByteChannel file) throws IOException {
        PerfMapParser parser = new PerfMapParser();
        try {
            parser.parse(file);
            return new PerfMap(file, parser);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** The name at a runtime address as the map gives it, made printable; null where no entry covers it. */
    @Nullable
    String find(long address) {
        int entry = ranges.find(address);
        if (entry == AddressRanges.NONE) {
            return null;
        }
        ByteBuffer name = ByteBuffer.allocate(Math.min(entries.nameLength(entry), MAX_NAME_BYTES));
        try {
            file.position(entries.namePosition(entry));
            while (name.hasRemaining() && file.read(name) >= 0) {
                // A file that was cut since then ends the name early.
            }
        } catch (IOException _) {
            return null;
        }
        return name.position() == 0 ? null : PrintableName.of(name.array(), 0, name.position());
    }

    int size() {
        return entries.count();
    }

    LinesLeftOut leftOut() {
        return entries.leftOut();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
