package io.perfagent.walker;

import io.perfagent.model.Mapping;
import io.perfagent.unwind.x86_64.flow.Departure;
import java.util.List;

/**
 * Memory in which a process has made code that belongs together.
 *
 * @param end exclusive
 * @param departure in which frame its jumps through memory leave
 */
record MadeMemory(long start, long end, Departure departure) {
    /** Wherever code may be. */
    static final MadeMemory ALL = new MadeMemory(0, 1L << 47, Departure.UNKNOWN);

    private static final long PAGE = 4096;
    private static final long BEHIND = 4 * PAGE;

    /** Around an address, where nobody knows what is mapped: the page before its own, and three behind it. */
    static MadeMemory unknown(long address) {
        long page = address & -PAGE;
        return new MadeMemory(page - PAGE, page + BEHIND, Departure.UNKNOWN);
    }

    /**
     * Around an address.
     *
     * @param mappings sorted, none over another
     * @param departure of the interpreter that the process runs
     */
    static MadeMemory around(long address, List<Mapping> mappings, Departure departure) {
        int at = 0;
        while (at < mappings.size() && !mappings.get(at).contains(address)) {
            at++;
        }
        if (at == mappings.size()) {
            return unknown(address);
        }
        Mapping mapping = mappings.get(at);
        int first = at;
        while (first > 0 && goesOn(mappings.get(first - 1), mappings.get(first))) {
            first--;
        }
        int last = at;
        while (last + 1 < mappings.size() && goesOn(mappings.get(last), mappings.get(last + 1))) {
            last++;
        }
        return new MadeMemory(
                mappings.get(first).start(),
                mappings.get(last).end(),
                mapping.isSharedMemory() ? departure : Departure.UNKNOWN);
    }

    /** Whether one is behind the other and has code of the same maker, as where a part of it may be written. */
    private static boolean goesOn(Mapping before, Mapping behind) {
        return before.end() == behind.start()
                && !before.isImage()
                && !behind.isImage()
                && before.file().equals(behind.file());
    }

    boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }
}
