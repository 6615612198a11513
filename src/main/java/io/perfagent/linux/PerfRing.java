package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The ring of a perf event (perf_event_open(2), struct perf_event_mmap_page), read where the kernel writes it:
 *
 * <pre>
 *   page 0        1024 data_head u64: written by the kernel     pages 1 … n: records, from data_tail to data_head,
 *                 1032 data_tail u64: written by us             each [ type u32 │ misc u16 │ size u16 │ … ]
 * </pre>
 *
 * Both positions only grow. Sizes are multiples of 8, so no header is split by the ring's end, but a record may be. One thread reads.
 */
public final class PerfRing implements AutoCloseable {
    /** Takes a record, header included; the segment is valid during the call only. */
    public interface Reader {
        void accept(MemorySegment record);
    }

    /** Bytes of a record's header. */
    public static final int HEADER = 8;

    private static final long PAGE = 4096;
    private static final long DATA_HEAD = 1024;
    private static final long DATA_TAIL = 1032;
    private static final int LARGEST_RECORD = 1 << 16;
    private static final VarHandle POSITION = JAVA_LONG.varHandle();

    private final MemoryMap map;
    private final MemorySegment data;
    private final MemorySegment joined = MemorySegment.ofArray(new long[LARGEST_RECORD / Long.BYTES]);

    private PerfRing(MemoryMap map) {
        this.map = map;
        this.data = map.memory().asSlice(PAGE);
    }

    /**
     * Maps the ring of an event, with half as many pages, and so on, where the kernel grants no more locked memory.
     *
     * @param pages of records, a power of two
     */
    public static PerfRing of(Fd event, int pages) throws LinuxException {
        try {
            return new PerfRing(MemoryMap.of(event, 0, PAGE * (1 + pages), true));
        } catch (LinuxException e) {
            if (pages > 1 && (e.errno() == Errno.EPERM || e.errno() == Errno.ENOMEM)) {
                return of(event, pages / 2);
            }
            throw e;
        }
    }

    /** Hands over all records that are there. */
    public void drain(Reader reader) {
        long tail = (long) POSITION.get(map.memory(), DATA_TAIL);
        long head = (long) POSITION.getAcquire(map.memory(), DATA_HEAD);
        while (tail < head) {
            long at = tail & (data.byteSize() - 1);
            int size = Short.toUnsignedInt(data.get(JAVA_SHORT, at + HEADER - 2));
            if (size < HEADER || size > head - tail) {
                tail = head; // no size that the kernel writes
                break;
            }
            reader.accept(record(at, size));
            tail += size;
            POSITION.setRelease(map.memory(), DATA_TAIL, tail);
        }
        POSITION.setRelease(map.memory(), DATA_TAIL, tail);
    }

    private MemorySegment record(long at, int size) {
        long room = data.byteSize() - at;
        if (size <= room) {
            return data.asSlice(at, size);
        }
        MemorySegment.copy(data, at, joined, 0, room);
        MemorySegment.copy(data, 0, joined, room, size - room);
        return joined.asSlice(0, size);
    }

    @Override
    public void close() {
        map.close();
    }
}
