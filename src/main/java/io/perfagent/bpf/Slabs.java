package io.perfagent.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.MemoryMap;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

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
    private long next;

    /** @param slabs the array of maps that the walker looks slabs up in */
    public Slabs(BpfMap slabs) {
        this.slabs = slabs;
    }

    /** The word address that the next allocation gets at the earliest. */
    public int nextWord() {
        return (int) next;
    }

    /** Space for {@code words} words that lie in one slab, aligned to 8 bytes. */
    public int allocate(int words) throws LinuxException {
        if (words > Limits.SLAB_WORDS) {
            throw new IllegalArgumentException(words + " words do not fit in a slab");
        }
        next += next % 2;
        long room = Limits.SLAB_WORDS - next % Limits.SLAB_WORDS;
        if (room < words) {
            next += room;
        }
        return allocateSpan(words);
    }

    /** Space for {@code words} words from {@link #nextWord} on, which may lie in several slabs. */
    public int allocateSpan(int words) throws LinuxException {
        long start = next;
        long end = start + words;
        if (end > (long) Limits.SLAB_WORDS * Limits.MAX_SLABS) {
            throw new LinuxException("tables of more than " + Limits.MAX_SLABS + " MiB", 28);
        }
        while ((long) memories.size() * Limits.SLAB_WORDS < end) {
            addSlab();
        }
        next = end;
        return (int) start;
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

    private void addSlab() throws LinuxException {
        Fd map = BpfMap.createMappable("slab", SLAB_BYTES);
        try {
            memories.add(MemoryMap.of(map, 0, SLAB_BYTES, true));
            maps.add(map);
            slabs.put(maps.size() - 1, map);
        } catch (LinuxException e) {
            map.close();
            throw e;
        }
    }
}
