package io.perfagent.walker;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.elf.Segment;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.FileId;
import io.perfagent.unwind.table.UnwindTable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The tables of binaries in the slabs. One that no process uses any more is kept for the next, within bounds: the oldest goes first. Its owner
 * guards it by a lock, but for what any thread may call.
 */
final class TableStore {
    /** Words of tables that nobody uses: 32 MiB, those of a hundred libraries. */
    private static final long MAX_IDLE_WORDS = 8L << 20;

    /** Most files that give no table take no words. */
    private static final int MAX_IDLE_FILES = 8192;

    private final Slabs slabs;
    /** Walks in user space ask it while tables come and go. */
    private final Map<FileId, Entry> entries = new ConcurrentHashMap<>();

    /** Held while words are given back. */
    private final StampedLock leaving = new StampedLock();

    private final LinkedHashMap<FileId, Entry> idle = new LinkedHashMap<>();
    private long idleWords;
    private long words;

    /** A table, which file it was made of, and how many processes map it. */
    private static final class Entry {
        final BinaryTable table;
        final Object version;
        int users;

        Entry(BinaryTable table, Object version) {
            this.table = table;
            this.version = version;
        }
    }

    TableStore(Slabs slabs) {
        this.slabs = slabs;
    }

    /** The table of a file that processes have mapped all the time; null where it is not there. Any thread. */
    @Nullable
    BinaryTable get(FileId file) {
        Entry entry = entries.get(file);
        return entry == null ? null : entry.table;
    }

    /** Before tables are read by any thread: what {@link #stayed} is asked with afterwards. */
    long beginRead() {
        return leaving.tryOptimisticRead();
    }

    /** Whether no table has given its words to others since. */
    boolean stayed(long begun) {
        return leaving.validate(begun);
    }

    /** Whether nobody has had the file mapped for a while, so that its number may be another's by now. */
    boolean isIdle(FileId file) {
        return idle.containsKey(file);
    }

    /** Lets go of a table that nobody uses, unless it is of this version of the file. */
    void require(FileId file, Object version) {
        Entry entry = idle.get(file);
        if (entry != null && !entry.version.equals(version)) {
            drop(file, entry);
        }
    }

    /**
     * Words that a table has, though it is not written yet.
     *
     * @param index where its page index goes
     * @param rows where its rows go
     */
    record Room(int index, int rows) {}

    /** Takes room for a table; null for one that takes none. */
    @Nullable
    Room reserve(UnwindTable table) throws LinuxException {
        int pages = table.pageIndex().length;
        if (table.pageCount() == 0 || pages > Limits.SLAB_WORDS) {
            return null;
        }
        int index = slabs.allocate(pages);
        try {
            return new Room(
                    index, slabs.allocateSpan(table.rows().length, start -> table.wordsAt(Slabs.inSlab(start))));
        } catch (LinuxException e) {
            slabs.free(index, pages);
            throw e;
        }
    }

    /** Writes a table where it has room; {@link #add} makes it known. Any thread. */
    BinaryTable write(List<Segment> segments, UnwindTable table, @Nullable Room room) {
        if (room == null) {
            return BinaryTable.none(segments);
        }
        UnwindTable placed = table.place(Slabs.inSlab(room.rows));
        slabs.write(room.rows, placed.rows());
        slabs.write(room.index, shifted(placed.pageIndex(), room.rows));
        return new BinaryTable(
                segments,
                room.index,
                table.firstPage(),
                table.pageCount(),
                room.rows,
                placed.rows().length,
                table.outside(),
                table.keptFrames(),
                table.interpreter());
    }

    /** Notes that a version of a file has no table. */
    void addNone(FileId file, Object version) {
        add(file, BinaryTable.NONE, version);
    }

    /** Notes the table of a version of a file; nobody uses it yet. */
    void add(FileId file, BinaryTable table, Object version) {
        Entry entry = new Entry(table, version);
        Entry old = entries.put(file, entry);
        if (old != null) {
            entry.users = old.users;
            release(file, old);
        }
        words += table.words();
        if (entry.users == 0) {
            rest(file, entry);
        }
    }

    void use(FileId file) {
        Entry entry = entries.get(file);
        if (entry != null && entry.users++ == 0 && idle.remove(file) != null) {
            idleWords -= entry.table.words();
        }
    }

    void leave(FileId file) {
        Entry entry = entries.get(file);
        if (entry != null && entry.users > 0 && --entry.users == 0) {
            rest(file, entry);
        }
    }

    /** Words that all tables take. */
    long words() {
        return words;
    }

    private void rest(FileId file, Entry entry) {
        idle.put(file, entry);
        idleWords += entry.table.words();
        Iterator<Map.Entry<FileId, Entry>> oldest = idle.entrySet().iterator();
        while ((idleWords > MAX_IDLE_WORDS || idle.size() > MAX_IDLE_FILES) && oldest.hasNext()) {
            Map.Entry<FileId, Entry> next = oldest.next();
            oldest.remove();
            idleWords -= next.getValue().table.words();
            entries.remove(next.getKey());
            release(next.getKey(), next.getValue());
        }
    }

    private void drop(FileId file, Entry entry) {
        idle.remove(file);
        idleWords -= entry.table.words();
        entries.remove(file);
        release(file, entry);
    }

    private void release(FileId file, Entry entry) {
        BinaryTable table = entry.table;
        if (idle.remove(file, entry)) {
            idleWords -= table.words();
        }
        words -= table.words();
        if (table.pageCount() > 0) {
            long stamp = leaving.writeLock();
            slabs.free(table.index(), table.pageCount() + 1);
            slabs.free(table.rows(), table.rowCount());
            leaving.unlockWrite(stamp);
        }
    }

    private static int[] shifted(int[] positions, int by) {
        int[] shifted = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            shifted[i] = positions[i] + by;
        }
        return shifted;
    }
}
