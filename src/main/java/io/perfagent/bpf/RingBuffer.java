package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.MemoryMap;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The reading end of a BPF ring buffer (kernel/bpf/ringbuf.c), straight from its mapped memory:
 *
 * <pre>
 *   page 0 (rw)   page 1 (ro)   pages 2 … (ro): the data
 *   consumer pos  producer pos  [ len u32: bit 31 busy, bit 30 discarded │ page offset u32 │ record, padded to 8 ] …
 * </pre>
 *
 * The kernel would map the data twice in a row, so that no record is split, but each page of it would count twice as resident memory.
 * One thread reads.
 */
public final class RingBuffer implements AutoCloseable {
    /** Takes a record; the segment is valid during the call only. */
    public interface Reader {
        void accept(MemorySegment record);
    }

    private static final long PAGE = 4096;
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;
    private static final int HEADER = 8;
    /** The kernel is told of each 32nd part of the ring that was read: telling takes as long as reading a record. */
    private static final int TOLD_SHIFT = 5;

    private static final VarHandle POSITION = JAVA_LONG.varHandle();
    private static final VarHandle LENGTH = JAVA_INT.varHandle();

    private final MemoryMap consumer;
    private final MemoryMap producer;
    private final MemorySegment data;
    private final long mask;
    private MemorySegment joined = MemorySegment.NULL;
    private long position;
    /** As the kernel knows it. */
    private long told;

    /**
     * Maps the ring.
     *
     * @param ring the map
     * @param size its max_entries, bytes
     */
    public RingBuffer(BpfMap ring, long size) throws LinuxException {
        Fd fd = new Fd(ring.fd()); // belongs to the object: not closed here
        consumer = MemoryMap.of(fd, 0, PAGE, true);
        try {
            producer = MemoryMap.of(fd, PAGE, PAGE + size, false);
        } catch (LinuxException e) {
            consumer.close();
            throw e;
        }
        data = producer.memory().asSlice(PAGE);
        mask = size - 1;
        position = (long) POSITION.getAcquire(consumer.memory(), 0L);
        told = position;
    }

    /** Says of a record whether it may be taken already; the segment is valid during the call only. */
    public interface Gate {
        boolean mayPass(MemorySegment record);
    }

    /**
     * Hands over the records that are there, up to the first one that is held back.
     *
     * @return how many
     */
    public int drain(Reader reader, Gate gate) {
        int count = 0;
        long end = (long) POSITION.getAcquire(producer.memory(), 0L);
        while (position < end) {
            int length = (int) LENGTH.getAcquire(data, position & mask);
            if ((length & BUSY) != 0) {
                break;
            }
            int size = length & ~DISCARD;
            MemorySegment record = record((position + HEADER) & mask, size);
            if ((length & DISCARD) == 0) {
                if (!gate.mayPass(record)) {
                    break;
                }
                reader.accept(record);
                count++;
            }
            position += (HEADER + size + 7) & ~7L;
            if (position - told > mask >>> TOLD_SHIFT) {
                tell();
            }
        }
        tell();
        return count;
    }

    /** From now on the kernel may write over what was read. */
    private void tell() {
        if (position != told) {
            POSITION.setRelease(consumer.memory(), 0L, position);
            told = position;
        }
    }

    private MemorySegment record(long at, long size) {
        long room = data.byteSize() - at;
        if (size <= room) {
            return data.asSlice(at, size);
        }
        if (joined.byteSize() < size) {
            joined = MemorySegment.ofArray(new long[(int) (size + Long.BYTES - 1) / Long.BYTES]);
        }
        MemorySegment.copy(data, at, joined, 0, room);
        MemorySegment.copy(data, 0, joined, room, size - room);
        return joined.asSlice(0, size);
    }

    /** Bytes that wait to be read. */
    public long used() {
        return (long) POSITION.getAcquire(producer.memory(), 0L) - position;
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
