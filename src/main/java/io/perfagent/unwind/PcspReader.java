package io.perfagent.unwind;

import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.MalformedCfi;
import java.io.IOException;

/**
 * Decodes a function's table of stack pointer deltas (runtime/symtab.go, {@code step}): pairs of variable-length numbers, which say how
 * much the delta changes, zigzag, and for how many bytes of code it holds; 0 ends them.
 *
 * <pre>
 *   02 04 │ 30 1a │ 2f 05 │ 00        from −1: 0 for 4 bytes, 24 for 26 bytes, 0 for 5 bytes
 * </pre>
 */
final class PcspReader {
    /** Takes what holds from one address to another, exclusive: the delta in bytes, 0 at a function's entry. */
    interface Rows {
        void add(long from, long to, int delta) throws IOException, MalformedCfi;
    }

    private static final int BEFORE_FIRST = -1;

    private int stepsLeft;

    /** @param mostSteps in all tables together: functions may share one, but not in files as linkers make them all of them */
    PcspReader(int mostSteps) {
        this.stepsLeft = mostSteps;
    }

    /** Reads the table of code from {@code start} to {@code end}, exclusive; returns up to where it says something. */
    long read(ByteCursor table, long start, long end, Rows rows) throws IOException, MalformedCfi {
        long address = start;
        int delta = BEFORE_FIRST;
        while (address < end) {
            int change = (int) table.uleb();
            if (change == 0 && address > start) {
                return address;
            }
            delta += (change >>> 1) ^ -(change & 1);
            long length = table.uleb();
            if (length <= 0 || --stepsLeft < 0) {
                throw new MalformedCfi(length <= 0 ? CfiError.BAD_OPERAND : CfiError.TOO_MANY);
            }
            long next = address + Math.min(length, end - address);
            rows.add(address, next, delta);
            address = next;
        }
        return end;
    }
}
