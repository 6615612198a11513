package io.perfagent.walker;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.bpf.BpfMap;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.MemoryMap;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Memory shared with the walker: slabs of 1 MiB, made when needed and written in place. A word address counts words of 4
 * bytes through all slabs.
 *
 * <pre>
 *   word address   31        18 17            0
 *                 +------------+---------------+
 *                 | slab       | word in slab  |
 *                 +------------+---------------+
 * </pre>
 */
public final class Slabs implements AutoCloseable {
    private static final int SLAB_BYTES = Limits.SLAB_WORDS * 4;

    private final BpfMap slabs;
    private final List<Fd> maps = new ArrayList<>();
    private final List<MemoryMap> memories = new CopyOnWriteArrayList<>(); // read by walks while tables are added
    private final FreeWords free = new FreeWords();
    private long next;

    /** @param slabs the array of maps that the walker looks slabs up in */
    public Slabs(BpfMap slabs) {
        this.slabs = slabs;
    }

    /** Space for {@code words} words that lie in one slab, aligned to 8 bytes. */
    public int allocate(int words) throws LinuxException {
        if (words > Limits.SLAB_WORDS) {
            throw new IllegalArgumentException(words + " words do not fit in a slab");
        }
        return allocate(start -> inOneSlab(start, words), words, _ -> words);
    }

    /**
     * Space that may lie in several slabs.
     *
     * @param least words that are needed wherever they begin
     * @param wordsAt how many words are needed if they begin at a word address
     */
    public int allocateSpan(int least, IntUnaryOperator wordsAt) throws LinuxException {
        return allocate(start -> start, least, start -> wordsAt.applyAsInt((int) start));
    }

    /** Gives words back; a walk that found them before may read them for a while yet. */
    public void free(int word, int words) {
        free.add(Integer.toUnsignedLong(word), words, System.nanoTime());
    }

    private int allocate(LongUnaryOperator align, int least, LongUnaryOperator wordsAt) throws LinuxException {
        long used = free.take(align, least, wordsAt, System.nanoTime());
        return used >= 0 ? (int) used : append(align.applyAsLong(next), wordsAt);
    }

    private int append(long start, LongUnaryOperator wordsAt) throws LinuxException {
        long end = start + wordsAt.applyAsLong(start);
        if (end > (long) Limits.SLAB_WORDS * Limits.MAX_SLABS) {
            throw new LinuxException("tables of more than " + Limits.MAX_SLABS + " MiB", Errno.ENOSPC.number());
        }
        while ((long) memories.size() * Limits.SLAB_WORDS < end) {
            addSlab();
        }
        if (start > next) {
            free.add(next, start - next, System.nanoTime());
        }
        next = end;
        return (int) start;
    }

    private static long inOneSlab(long start, int words) {
        long even = start + start % 2;
        long room = Limits.SLAB_WORDS - even % Limits.SLAB_WORDS;
        return room < words ? even + room : even;
    }

    /** Writes {@code values} from a word address on. */
    public void write(int word, int[] values) {
        int done = 0;
        while (done < values.length) {
            int at = (word + done) % Limits.SLAB_WORDS;
            int count = Math.min(values.length - done, Limits.SLAB_WORDS - at);
            MemorySegment.copy(values, done, slab(word + done), JAVA_INT, at * 4L, count);
            done += count;
        }
    }

    /** The slab that holds a word address. */
    public MemorySegment slab(int word) {
        return memories.get(word / Limits.SLAB_WORDS).memory();
    }

    /** The position of a word address in its slab, words. */
    public static int inSlab(int word) {
        return word % Limits.SLAB_WORDS;
    }

    @Override
    public void close() {
        memories.forEach(MemoryMap::close);
        maps.forEach(Fd::close);
        memories.clear();
        maps.clear();
    }

    /** The walker's array has it first: what is written to a slab that the walker cannot see would be lost. */
    private void addSlab() throws LinuxException {
        Fd map = BpfMap.createMappable("slab", SLAB_BYTES);
        try {
            MemoryMap memory = MemoryMap.of(map, 0, SLAB_BYTES, true);
            try {
                slabs.put(maps.size(), map);
            } catch (LinuxException e) {
                memory.close();
                throw e;
            }
            maps.add(map);
            memories.add(memory);
        } catch (LinuxException e) {
            map.close();
            throw e;
        }
    }
}
