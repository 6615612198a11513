package io.perfagent.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.perfagent.linux.PerfRing;
import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessEvent;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The records of a side-band event (include/uapi/linux/perf_event.h), after their header of 8 bytes; all end with the 24 bytes
 * that {@link io.perfagent.linux.PerfEvent#sideBand} asks for:
 *
 * <pre>
 *   LOST   8 id u64     16 lost u64
 *   COMM   8 pid u32    12 tid u32    16 comm, NUL-terminated, padded to 8
 *   FORK   8 pid u32    12 ppid u32   16 tid u32   20 ptid u32   24 time u64
 *   EXIT   the same
 *   MMAP2  8 pid u32    12 tid u32    16 address u64   24 length u64   32 file offset u64
 *          40 major u32   44 minor u32   48 inode u64   56 inode's generation u64
 *          64 protection u32   68 flags u32   72 file name, NUL-terminated, padded to 8
 *   end    pid u32   tid u32   time u64   cpu u32   reserved u32
 * </pre>
 */
final class SideBandRecords {
    private static final int LOST = 2;
    private static final int COMM = 3;
    private static final int EXIT = 4;
    private static final int FORK = 7;
    private static final int MMAP2 = 10;
    private static final int MISC_COMM_EXEC = 1 << 13;
    private static final int MISC_BUILD_ID = 1 << 14; // in place of device and inode: not asked for
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    /** The highest PID of a process that our PID namespace does not see; −1 is one that has ended or is idle. */
    private static final int OUTSIDE = 0;

    private static final int TRAILER = 24;
    private static final int TRAILER_TIME = 8;
    private static final int FILE_NAME = 72;
    private static final int COMM_TEXT = 16;
    private static final String DELETED = " (deleted)";

    private SideBandRecords() {}

    /** What a record says; null where it is of another kind, of no use to us, or shorter than its kind. */
    static @Nullable ProcessEvent parse(MemorySegment record) {
        long body = record.byteSize() - TRAILER;
        if (body < PerfRing.HEADER + Integer.BYTES || integer(record, PerfRing.HEADER) <= OUTSIDE) {
            return null;
        }
        int misc = Short.toUnsignedInt(record.get(JAVA_SHORT_UNALIGNED, 4));
        return switch (record.get(JAVA_INT_UNALIGNED, 0)) {
            case COMM -> body > COMM_TEXT && (misc & MISC_COMM_EXEC) != 0 ? executed(record, body) : null;
            case FORK -> body >= 32 ? forked(record) : null;
            case EXIT ->
                body >= 32 ? new ProcessEvent.Exited(integer(record, 8), integer(record, 16), time(record)) : null;
            case MMAP2 -> body > FILE_NAME && (misc & MISC_BUILD_ID) == 0 ? mapped(record, body) : null;
            default -> null;
        };
    }

    /** Records that the kernel could not write before this one: the ring was full. */
    static long lost(MemorySegment record) {
        boolean lost = record.byteSize() >= 24 && record.get(JAVA_INT_UNALIGNED, 0) == LOST;
        return lost ? record.get(JAVA_LONG_UNALIGNED, 16) : 0;
    }

    private static ProcessEvent executed(MemorySegment record, long body) {
        return new ProcessEvent.Executed(integer(record, 8), text(record, COMM_TEXT, body), time(record));
    }

    /** A thread of a process that there is has the process's PID, and is no process. */
    private static @Nullable ProcessEvent forked(MemorySegment record) {
        int pid = integer(record, 8);
        return pid == integer(record, 16) ? new ProcessEvent.Forked(integer(record, 12), pid, time(record)) : null;
    }

    private static @Nullable ProcessEvent mapped(MemorySegment record, long body) {
        long start = record.get(JAVA_LONG_UNALIGNED, 16);
        long length = record.get(JAVA_LONG_UNALIGNED, 24);
        int protection = integer(record, 64);
        if (start < 0 || length <= 0 || start > Long.MAX_VALUE - length || (protection & PROT_EXEC) == 0) {
            return null;
        }
        String name = text(record, FILE_NAME, body);
        boolean deleted = name.endsWith(DELETED);
        Mapping mapping = new Mapping(
                start,
                start + length,
                record.get(JAVA_LONG_UNALIGNED, 32),
                (protection & PROT_READ) != 0,
                (protection & PROT_WRITE) != 0,
                true,
                integer(record, 40),
                integer(record, 44),
                record.get(JAVA_LONG_UNALIGNED, 48),
                path(deleted ? name.substring(0, name.length() - DELETED.length()) : name),
                deleted);
        return new ProcessEvent.Mapped(integer(record, 8), mapping, time(record));
    }

    /** As {@code /proc/<pid>/maps} has it: anonymous memory has no name there. */
    private static String path(String name) {
        return name.equals("//anon") ? "" : name;
    }

    private static int integer(MemorySegment record, long at) {
        return record.get(JAVA_INT_UNALIGNED, at);
    }

    private static long time(MemorySegment record) {
        return record.get(JAVA_LONG_UNALIGNED, record.byteSize() - TRAILER + TRAILER_TIME);
    }

    private static String text(MemorySegment record, long from, long to) {
        byte[] bytes = record.asSlice(from, to - from).toArray(JAVA_BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
