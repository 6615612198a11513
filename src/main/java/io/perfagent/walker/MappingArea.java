package io.perfagent.walker;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.linux.LinuxException;

/** Room for a process's mappings, twice: a walk that has begun still reads the list before this one. */
final class MappingArea {
    static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;
    /** A process's list lies in one slab; what a process maps beyond this is code in no known mapping. */
    static final int MAX_MAPPINGS = Limits.SLAB_WORDS / MAPPING_WORDS;

    private static final int FEWEST = 16;

    private final int first;
    private final int second;
    private final int capacity;
    private boolean firstInUse;

    private MappingArea(int first, int second, int capacity) {
        this.first = first;
        this.second = second;
        this.capacity = capacity;
    }

    /** With room to grow. */
    static MappingArea allocate(Slabs slabs, int count) throws LinuxException {
        int capacity = Math.min(MAX_MAPPINGS, Math.max(FEWEST, Integer.highestOneBit(Math.max(count, 1)) * 2));
        int words = capacity * MAPPING_WORDS;
        return new MappingArea(slabs.allocate(words), slabs.allocate(words), capacity);
    }

    boolean holds(int count) {
        return count <= capacity;
    }

    /** Where the next list goes, a word of the slabs. */
    int next() {
        firstInUse = !firstInUse;
        return firstInUse ? first : second;
    }

    void free(Slabs slabs) {
        slabs.free(first, capacity * MAPPING_WORDS);
        slabs.free(second, capacity * MAPPING_WORDS);
    }
}
