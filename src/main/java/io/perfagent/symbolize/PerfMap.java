package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.LinesLeftOut;
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
    /** Bytes of heap for an entry: where its name is, and a bound with an owner twice. */
    private static final int KEPT_PER_ENTRY = 12 + 2 * 12;
    /** While it is read: the parser's columns as they grow, their order, and the ranges with the arrays that they grow out of. */
    private static final int WORK_PER_ENTRY = 96;

    private static final int SHORTEST_LINE = "1 1 a\n".length();

    private final SeekableByteChannel file;
    private final PerfMapParser entries;
    private final AddressRanges ranges;
    private final Budget.Kept room;

    private PerfMap(SeekableByteChannel file, PerfMapParser entries, AddressRanges ranges, Budget.Kept room) {
        this.file = file;
        this.entries = entries;
        this.ranges = ranges;
        this.room = room;
    }

    /**
     * Reads the map, of a huge one the last 256 MiB, and of these the last entries that there is room for; keeps the file. Where that
     * fails the file is closed.
     */
    static PerfMap read(SeekableByteChannel file, Budget budget) throws IOException {
        Budget.Kept room = budget.keep();
        try {
            return read(file, budget, room);
        } catch (IOException | RuntimeException e) {
            room.close();
            file.close();
            throw e;
        }
    }

    private static PerfMap read(SeekableByteChannel file, Budget budget, Budget.Kept room) throws IOException {
        long lines = Math.min(PerfMapParser.MAX_ENTRIES, file.size() / SHORTEST_LINE);
        long most = Math.min(lines, budget.workBytes() / WORK_PER_ENTRY);
        try (Budget.Work _ = budget.work(most * WORK_PER_ENTRY)) {
            PerfMapParser parser = new PerfMapParser((int) Math.min(most, room.available() / KEPT_PER_ENTRY));
            parser.parse(file);
            boolean _ = room.grow((long) parser.count() * KEPT_PER_ENTRY); // as was available
            AddressRanges ranges = AddressRanges.of(parser.starts(), parser.ends(), parser.count());
            parser.forgetRanges();
            return new PerfMap(file, parser, ranges, room);
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

    /** Whether entries were left out for want of room: an address without a name may have one. */
    boolean withoutRoom() {
        return entries.leftOut().beyondLimit() > 0;
    }

    @Override
    public void close() throws IOException {
        room.close();
        file.close();
    }
}
