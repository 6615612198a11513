package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.x86_64.GoCode;
import java.io.IOException;

/**
 * Where the code begins that a function table counts from. Its header says so, but some linkers leave that to the relocations of
 * position-independent programs, and Go from 1.26 on to its run time. What proves an answer right is {@code runtime.goexit}: its
 * instructions are known, and it calls a function of the table.
 */
final class GoTextStart {
    private static final int ALIGNMENT = 16;
    private static final long NOT_THERE = -1;

    private final Pclntab table;
    private final FileWindow code;
    private final long goexit;

    GoTextStart(Pclntab table, FileWindow code) throws MalformedCfi {
        this.table = table;
        this.code = code;
        this.goexit = goexit(table);
    }

    /** The ELF address that entries count from. */
    long find(ElfFile file) throws IOException, MalformedCfi {
        if (!table.relative()) {
            return 0;
        }
        if (goexit == NOT_THERE || proves(table.headerText())) {
            return table.headerText();
        }
        for (Segment segment : file.segments()) {
            if (segment.type() == Segment.PT_LOAD && segment.executable()) {
                long found = findIn(segment);
                if (found != NOT_THERE) {
                    return found;
                }
            }
        }
        throw new MalformedCfi(CfiError.GO_TABLE);
    }

    private long findIn(Segment segment) throws IOException, MalformedCfi {
        long end = segment.address() + Math.min(segment.fileSize(), CodeRange.MAX_BYTES);
        for (long at = segment.address() & -ALIGNMENT; at < end; at += ALIGNMENT) {
            if (proves(at - goexit)) {
                return at - goexit;
            }
        }
        return NOT_THERE;
    }

    private boolean proves(long text) throws IOException, MalformedCfi {
        byte[] bytes = code.bytes(text + goexit, GoCode.BYTES);
        return GoCode.mayBeGoexit(bytes) && isEntry(GoCode.calledByGoexit(bytes, text + goexit) - text);
    }

    private boolean isEntry(long offset) throws MalformedCfi {
        int low = 0;
        int high = table.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (table.entry(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < table.count() && table.entry(low) == offset;
    }

    private static long goexit(Pclntab table) throws MalformedCfi {
        for (int i = 0; i < table.count(); i++) {
            long record = table.record(i);
            if (table.flags(record) != 0 && table.name(record).equals("runtime.goexit")) {
                return table.entry(i);
            }
        }
        return NOT_THERE;
    }
}
