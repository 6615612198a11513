package io.perfagent.unwind;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.x86_64.GoCode;
import io.perfagent.unwind.x86_64.GoRows;
import java.io.IOException;

/** The code that a Go function table describes. */
final class GoFunctions implements CodeRanges {
    private static final int SIGNAL_FRAME = UnwindRow.rule(UnwindRow.ROW_RULE, Limits.SIGNAL_RULE);
    /** Functions begin at multiples of it (cmd/link/internal/amd64, {@code funcAlign}); what lies between is padding. */
    private static final int ALIGNMENT = 32;

    private final Pclntab functions;
    private final FileWindow code;
    private final GoRows rows;
    private final PcspReader reader;
    private final long fileEntry;
    private final long[] starts;
    /** Positions of the functions' records. */
    private final long[] records;

    private int count;
    private long end;

    private GoFunctions(ElfFile file, Pclntab functions, GoRows rows) {
        this.functions = functions;
        this.code = new FileWindow(file);
        this.rows = rows;
        this.reader = new PcspReader(functions.pctabBytes());
        this.fileEntry = file.entry();
        this.starts = new long[functions.count()];
        this.records = new long[functions.count()];
    }

    /** The functions of a table that lie in code, and in the order of their addresses; others are counted. */
    static GoFunctions of(
            ElfFile file, Pclntab table, CodeRange range, GoRows rows, Counts<CfiError> errors, Workspace workspace)
            throws IOException, MalformedCfi {
        workspace.take(2L * Long.BYTES * table.count());
        GoFunctions functions = new GoFunctions(file, table, rows);
        long text = new GoTextStart(table, new FileWindow(file)).find(file);
        for (int i = 0; i < table.count(); i++) {
            if (table.hasPcsp(table.record(i))) {
                functions.add(text + table.entry(i), table.record(i), range, errors);
            }
        }
        functions.end = Math.min(text + table.entry(table.count()), functions.endOfCode(range));
        return functions;
    }

    private void add(long entry, long record, CodeRange range, Counts<CfiError> errors) throws IOException {
        long start = GoCode.returnsFromSignal(code.bytes(entry, GoCode.BYTES)) ? entry - 1 : entry;
        boolean ascends = count == 0 || start > starts[count - 1];
        if (!ascends || range.endAround(start) == 0) {
            errors.count(CfiError.BAD_RANGE);
            return;
        }
        starts[count] = start;
        records[count++] = record;
    }

    private long endOfCode(CodeRange range) {
        return count == 0 ? 0 : range.endAround(starts[count - 1]);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long start(int index) {
        return starts[index];
    }

    @Override
    public long end(int index) {
        return index + 1 < count ? starts[index + 1] : Math.max(starts[index], end);
    }

    @Override
    public void write(int index, long end, TableBuilder table) throws IOException, MalformedCfi {
        long start = starts[index];
        long record = records[index];
        if (GoCode.returnsFromSignal(code.bytes(start + 1, GoCode.BYTES))) {
            table.add(start, SIGNAL_FRAME);
            return;
        }
        switch (kind(start, end, record)) {
            case OUTERMOST -> table.add(start, TableBuilder.END_OF_STACK);
            case UNKNOWN_CALLER -> table.add(start, TableBuilder.UNSUPPORTED);
            case SWITCHES_STACK -> writeFrames(record, start, end, true, table);
            case ORDINARY -> writeFrames(record, start, end, false, table);
        }
    }

    /** The kernel jumps to where the file begins: nobody has called. */
    private GoFunctionKind kind(long start, long end, long record) throws MalformedCfi {
        return start <= fileEntry && fileEntry < end
                ? GoFunctionKind.OUTERMOST
                : GoFunctionKind.of(functions.name(record), functions.flags(record));
    }

    private void writeFrames(long record, long start, long end, boolean switches, TableBuilder table)
            throws IOException, MalformedCfi {
        GoFrameRows frames = new GoFrameRows(code, rows, table, switches);
        long described = frames.write(functions.pcsp(record), reader, start, end);
        if (end - described >= ALIGNMENT) {
            table.end(described);
        }
    }
}
