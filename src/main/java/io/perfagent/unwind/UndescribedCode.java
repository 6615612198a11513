package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.unwind.x86_64.flow.CodeFlow;
import io.perfagent.unwind.x86_64.flow.Departure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Rows of code that nothing in its file describes, assembly for the most part: by what its instructions do up to where they return
 * ({@link CodeFlow}). What comes from there is checked by whoever walks by it.
 *
 * <pre>
 *   FDE │ FDE │        gap        │ FDE │ FDE            a gap of more than 512 KiB is the code of a JIT compiler that keeps
 *             └ followed, in pieces ┘                    frame pointers, as V8's builtins do; then that is their rule
 * </pre>
 */
final class UndescribedCode {
    /** Of a file: three times what libraries of kernels for all processors have. */
    static final long MAX_BYTES = 48L << 20;

    private static final int LEAST_BYTES = 8;

    private final ElfFile file;
    private final CodeRange range;
    private final CodeRanges described;
    private final RowEncoder rules;
    private final TableBuilder table;
    private final Workspace workspace;
    private final ExecutableRanges ranges;
    private final Departure departure;
    private @Nullable FunctionStarts functions;
    private long followed;

    UndescribedCode(
            ElfFile file,
            ExecutableRanges ranges,
            CodeRange range,
            CodeRanges described,
            RowEncoder rules,
            TableBuilder table,
            Departure departure,
            Workspace workspace) {
        this.file = file;
        this.range = range;
        this.described = described;
        this.rules = rules;
        this.table = table;
        this.workspace = workspace;
        this.ranges = ranges;
        this.departure = departure;
    }

    /** Writes the rows from one address to another; behind it there is no rule. */
    void write(long from, long to) {
        table.end(from);
        for (long start = ranges.next(from); start < to; start = ranges.next(ranges.end(start))) {
            long end = Math.min(Math.min(to, ranges.end(start)), range.endAround(start));
            if (end - start >= LEAST_BYTES) {
                piecewise(start, end);
            }
        }
    }

    private void piecewise(long from, long to) {
        FunctionStarts functions = functions();
        for (long start = from; start < to && followed < MAX_BYTES; ) {
            long end = Math.min(to, functions.lastUpTo(start, start + CodeFlow.MAX_BYTES));
            try {
                follow(start, (int) (end - start), functions);
            } catch (IOException _) {
                return; // a section that no segment has, or that the file has no more
            }
            followed += end - start;
            start = end;
        }
    }

    private void follow(long address, int length, FunctionStarts functions) throws IOException {
        byte[] code = new byte[length];
        file.readAddress(address, length).get(code);
        Rows rows = new Rows(ThreadStart.in(code, address, table));
        CodeFlow.follow(
                code, address, functions.within(address, length), functions::begins, departure, workspace, rows);
        rows.none(address + length);
    }

    /** Read when the first of them is needed: most files have no gaps. */
    private FunctionStarts functions() {
        if (functions == null) {
            functions = FunctionStarts.of(file, described, workspace);
        }
        return functions;
    }

    private final class Rows implements CodeFlow.Rows {
        private final ThreadStart threads;

        Rows(ThreadStart threads) {
            this.threads = threads;
        }

        @Override
        public void frame(long address, UnwindRule.Frame frame) {
            if (threads.writeBefore(address)) {
                table.gap(address, rules.derived(frame));
            }
        }

        @Override
        public void none(long address) {
            if (threads.writeBefore(address)) {
                table.end(address);
            }
        }
    }
}
