package io.perfagent.unwind;

import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Holds a table against readelf's account of the same file, row by row. */
final class GoldenComparison {
    private static final int MAX_DIFFERENCES = 20;

    /** So much of the code at the entry point is taken for the first function of all. */
    private static final int ENTRY_BYTES = 64;

    private final List<GoldenFrame> frames;
    private final long entry;
    private final RowDecoder decoder;

    /** @param differences the first of them, in words */
    record Result(int compared, List<String> differences) {}

    GoldenComparison(Path file, RuleDictionary dictionary) {
        this.frames = Readelf.frames(file);
        this.entry = Readelf.entry(file);
        this.decoder = new RowDecoder(dictionary);
    }

    int fdes() {
        return frames.size();
    }

    Result compare(UnwindTable table) {
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (int i = 0; i < frames.size(); i++) {
            GoldenFrame frame = frames.get(i);
            long next = i + 1 < frames.size() ? frames.get(i + 1).start() : Long.MAX_VALUE;
            compareRows(frame, Math.min(frame.end(), next), table, differences);
            compareGap(frame, next, table, differences);
            compared += frame.rows().size();
        }
        return new Result(compared, differences);
    }

    private void compareRows(GoldenFrame frame, long end, UnwindTable table, List<String> differences) {
        List<GoldenFrame.Row> rows = frame.rows();
        for (int i = 0; i < rows.size(); i++) {
            long until = i + 1 < rows.size() ? Math.min(rows.get(i + 1).location(), end) : end;
            check(rows.get(i).location(), until, GoldenRule.of(frame, rows.get(i)), table, differences);
        }
    }

    /** Behind an FDE is no rule, unless there is only the padding that aligns the next; at the entry point the stack ends. */
    private void compareGap(GoldenFrame frame, long next, UnwindTable table, List<String> differences) {
        boolean padding = next - frame.end() < 16 && next % 16 == 0;
        UnwindRule behind =
                padding ? GoldenRule.of(frame, frame.rows().getLast()) : new UnwindRule.Stop(WalkEnd.NO_RULE);
        long end = Math.min(next, frame.end() + 4096);
        if (padding || entry < frame.end() || entry >= end) {
            check(frame.end(), end, behind, table, differences);
        } else {
            long entryEnd = Math.min(entry + ENTRY_BYTES, end);
            check(frame.end(), entry, behind, table, differences);
            check(entry, entryEnd, new UnwindRule.Stop(WalkEnd.END_OF_STACK), table, differences);
            check(entryEnd, end, behind, table, differences);
        }
    }

    /** Looks at the first and last address of a rule in each page. */
    private void check(long from, long to, UnwindRule expected, UnwindTable table, List<String> differences) {
        for (long address = from; address < to; address = (address | 4095) + 1) {
            checkAddress(address, expected, table, differences);
            checkAddress(Math.min(address | 4095, to - 1), expected, table, differences);
        }
    }

    /** Where nothing is described the code itself may have been followed. */
    private static boolean isDerived(UnwindRule actual, UnwindRule expected) {
        return expected.equals(new UnwindRule.Stop(WalkEnd.NO_RULE))
                && actual instanceof UnwindRule.Frame frame
                && frame.checked();
    }

    private void checkAddress(long address, UnwindRule expected, UnwindTable table, List<String> differences) {
        UnwindRule actual = decoder.decode(table.row(address));
        if (!expected.equals(actual) && !isDerived(actual, expected) && differences.size() < MAX_DIFFERENCES) {
            differences.add(Long.toHexString(address) + ": " + actual + ", readelf: " + expected);
        }
    }
}
