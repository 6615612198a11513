package io.perfagent.unwind;

import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.x86_64.GoPrologue;
import io.perfagent.unwind.x86_64.GoRows;
import java.io.IOException;

/** Writes the rows of one function that has a table of stack pointer deltas. */
final class GoFrameRows {
    private static final long NOWHERE = -1;

    private final FileWindow code;
    private final GoRows rows;
    private final TableBuilder table;
    private final boolean switchesStack;

    private GoPrologue prologue = GoPrologue.NONE;
    /** Where the frame is made, while the stack pointer has not moved {@link #NOWHERE}. */
    private long made = NOWHERE;

    private long reached;

    /** @param switchesStack whether the function runs on another stack than its caller, wherever rbp can tell */
    GoFrameRows(FileWindow code, GoRows rows, TableBuilder table, boolean switchesStack) {
        this.code = code;
        this.rows = rows;
        this.table = table;
        this.switchesStack = switchesStack;
    }

    /**
     * Writes the rows of code from {@code start} to {@code end}, exclusive. Returns the address up to which the function's table says
     * something; after damage the rows before it stand, and the rest is unsupported.
     */
    long write(ByteCursor deltas, PcspReader reader, long start, long end) throws IOException, MalformedCfi {
        reached = start;
        int position = deltas.position();
        try {
            if (switchesStack) { // whether there is a frame pointer decides from the beginning
                long _ = reader.read(deltas, start, end, this::look);
                deltas.window(position, deltas.end());
            }
            return reader.read(deltas, start, end, this::add);
        } catch (MalformedCfi e) {
            table.add(reached, TableBuilder.UNSUPPORTED);
            throw e;
        }
    }

    private void look(long from, long to, int delta) throws IOException {
        if (made == NOWHERE && delta > 0) {
            made = from;
            prologue = GoPrologue.of(code.bytes(from - 1, GoPrologue.BYTES), delta);
        }
    }

    private void add(long from, long to, int delta) throws IOException, MalformedCfi {
        look(from, to, delta);
        table.checkRoom();
        put(from, from, to, delta);
        put(saved(), from + 1, to, delta);
        if (switchesStack) {
            put(set(), from + 1, to, delta);
        }
        reached = to;
    }

    /** Where the caller's rbp is on the stack. */
    private long saved() {
        return made == NOWHERE ? NOWHERE : made + prologue.savedAfter();
    }

    /** Where rbp points to it. */
    private long set() {
        return made == NOWHERE ? NOWHERE : made + prologue.setAfter();
    }

    private void put(long address, long from, long to, int delta) {
        if (address >= from && address < to) {
            table.add(address, row(address, delta));
        }
    }

    private int row(long address, int delta) {
        if (delta < 0) {
            return TableBuilder.UNSUPPORTED;
        }
        if (switchesStack && byFramePointer(address, delta)) {
            return rows.byFramePointer();
        }
        return rows.frame(delta, delta > 0 && address >= saved());
    }

    /** Where the function has no frame pointer of its own, rbp is its caller's: the walk leaves both at once. */
    private boolean byFramePointer(long address, int delta) {
        return prologue.setAfter() == GoPrologue.NEVER || (delta > 0 && address >= set());
    }
}
