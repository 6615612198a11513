package io.perfagent.unwind.table;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.UnsupportedRule;
import io.perfagent.unwind.cfi.Workspace;
import java.util.Arrays;

/**
 * Packs rules, which come in the order of their addresses, into rows by page. A rule holds until the next one; where it reaches
 * into a further page, that page begins with a row made up from it, so that a search never leaves its page.
 */
public final class TableBuilder {
    public static final int NO_RULE = UnwindRow.stop(WalkEnd.NO_RULE);
    public static final int NO_TABLE = UnwindRow.stop(WalkEnd.NO_TABLE);
    public static final int END_OF_STACK = UnwindRow.stop(WalkEnd.END_OF_STACK);
    public static final int UNSUPPORTED = UnwindRow.stop(WalkEnd.UNSUPPORTED_RULE);

    /** 32 MiB of rows, ten times those of the largest libraries. */
    static final int MAX_ROWS = 1 << 23;

    private static final int PAGE_SHIFT = 12;
    private static final int PAGE_MASK = 0xfff;

    private final long firstPage;
    private final Workspace workspace;
    private int[] rows;
    private int rowCount;
    private int[] pageIndex = new int[64];
    /** Pages begun; the last of them is being filled. */
    private int pages;

    private final int nothing;
    private int inForce;
    private long lastAddress;
    private int cfiRows;
    private KeptFrames keptFrames = KeptFrames.UNKNOWN;
    private InterpreterFrame interpreter = InterpreterFrame.UNKNOWN;

    /** Of a file that has call-frame information: what that does not cover has {@link #NO_RULE}. */
    public TableBuilder(long firstAddress, int expectedRows, Workspace workspace) {
        this(firstAddress, expectedRows, NO_RULE, workspace);
    }

    /**
     * @param firstAddress no rule comes before it
     * @param expectedRows a guess
     * @param nothing the rule where there is none
     * @param workspace has room for what it grows by
     */
    public TableBuilder(long firstAddress, int expectedRows, int nothing, Workspace workspace) {
        this.nothing = nothing;
        this.inForce = nothing;
        this.firstPage = firstAddress >>> PAGE_SHIFT;
        this.workspace = workspace;
        workspace.take((long) Math.max(16, expectedRows) * Integer.BYTES);
        this.rows = new int[Math.max(16, expectedRows)];
    }

    public void checkRoom() throws MalformedCfi {
        if (rowCount >= MAX_ROWS) {
            throw new MalformedCfi(CfiError.TOO_MANY);
        }
    }

    /** From {@code address} on, {@code rule} holds; addresses only grow. */
    public void add(long address, int rule) {
        cfiRows++;
        put(address, rule);
    }

    /** From {@code address} on, there is code that no FDE covers, but of which a rule is known. */
    public void gap(long address, int rule) {
        put(address, rule);
    }

    /** From {@code address} on, no rule can say where the caller is; false where rules have come for what is behind it. */
    public boolean noRule(long address) {
        boolean next = address >= lastAddress;
        if (next) {
            put(address, UNSUPPORTED);
        }
        return next;
    }

    /** From {@code address} on, there is code of which nothing is known. */
    public void end(long address) {
        put(address, nothing);
    }

    /** What is known of code that keeps frame pointers. */
    public void keepsFrames(KeptFrames which) {
        keptFrames = which;
    }

    /** In which frame code of the file's compiler runs. */
    public void runsIn(InterpreterFrame frame) {
        interpreter = frame;
    }

    /** The rule that holds from the last address on that one was given for. */
    public int inForce() {
        return inForce;
    }

    /** From {@code address} on, nobody has called; false where rules have come for what is behind it. */
    public boolean endOfStack(long address) {
        boolean next = address >= lastAddress;
        if (next) {
            put(address, END_OF_STACK);
        }
        return next;
    }

    public UnwindTable build(Counts<CfiError> errors, Counts<UnsupportedRule> unsupported) {
        workspace.take((long) (pages + 1 + rowCount) * Integer.BYTES);
        int[] index = Arrays.copyOf(pageIndex, pages + 1);
        index[pages] = rowCount;
        return new UnwindTable(
                firstPage, index, Arrays.copyOf(rows, rowCount), cfiRows, keptFrames, interpreter, errors, unsupported);
    }

    private void put(long address, int rule) {
        if (rule == inForce) {
            return;
        }
        int offset = (int) address & PAGE_MASK;
        if (rowCount > 0 && address == lastAddress) {
            rowCount--;
        } else {
            int page = (int) ((address >>> PAGE_SHIFT) - firstPage);
            if (page >= pages) {
                openPages(page, offset);
            }
        }
        append(offset, rule);
        inForce = rule;
        lastAddress = address;
    }

    /** Begins all pages up to one; the rule in force fills them, and the last one up to {@code offset}. */
    private void openPages(int last, int offset) {
        while (pages <= last) {
            openPage();
            boolean target = pages > last;
            if (target ? offset > 0 : inForce != NO_RULE) {
                append(0, inForce);
            }
        }
    }

    private void openPage() {
        if (pages + 1 >= pageIndex.length) {
            pageIndex = grown(pageIndex);
        }
        pageIndex[pages++] = rowCount;
    }

    private void append(int offset, int rule) {
        if (rowCount == rows.length) {
            rows = grown(rows);
        }
        rows[rowCount++] = offset << UnwindRow.ROW_OFFSET_SHIFT | rule;
    }

    private int[] grown(int[] words) {
        int length = words.length + words.length / 2;
        workspace.take((long) length * Integer.BYTES);
        int[] grown = Arrays.copyOf(words, length);
        workspace.giveBack((long) words.length * Integer.BYTES);
        return grown;
    }
}
