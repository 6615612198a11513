package io.perfagent.unwind;

import io.perfagent.unwind.cfi.FdeList;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.table.TableBuilder;

/**
 * The code that FDEs describe.
 *
 * @param fdes sorted
 * @param interpreter runs their instructions
 */
record FdeRanges(FdeList fdes, CfiInterpreter interpreter) implements CodeRanges {
    @Override
    public int count() {
        return fdes.count();
    }

    @Override
    public long start(int index) {
        return fdes.start(index);
    }

    @Override
    public long end(int index) {
        return fdes.end(index);
    }

    @Override
    public void write(int index, long end, TableBuilder table) throws MalformedCfi {
        interpreter.run(fdes.cie(index), fdes.from(index), fdes.to(index), fdes.start(index), end);
    }
}
