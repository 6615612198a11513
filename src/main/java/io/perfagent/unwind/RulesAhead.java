package io.perfagent.unwind;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.FrameSearchTable;
import io.perfagent.elf.Segment;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.EhFrame;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of single addresses of a large file, for as long as its table is being compiled: each by its own FDE, which the file's own index leads
 * to. One thread at a time.
 */
public final class RulesAhead implements AutoCloseable {
    /** Of code; the table of a smaller file is there sooner, and may say more than its FDEs do. */
    static final long LEAST_CODE = 8 << 20;

    private static final int PENDING = UnwindRow.stop(WalkEnd.TABLE_PENDING);
    private static final int NO_FDE = TableBuilder.NO_TABLE;
    private static final int MOST_KNOWN = 1 << 13;

    private final ElfFile file;
    private final CodeRange code;
    private final FrameSearchTable functions;
    private final RuleDictionary dictionary;
    private final Map<Long, Integer> known = new HashMap<>();
    /** By where the function before begins: whether the gap is a compiler's. */
    private final Map<Long, Boolean> gaps = new HashMap<>();

    private RulesAhead(ElfFile file, CodeRange code, FrameSearchTable functions, RuleDictionary dictionary) {
        this.file = file;
        this.code = code;
        this.functions = functions;
        this.dictionary = dictionary;
    }

    /** Takes the file over; closes it and returns null where it is small, or has no index that can be read. */
    public static @Nullable RulesAhead of(ElfFile file, RuleDictionary dictionary) throws IOException {
        RulesAhead rules = null;
        try {
            FrameSearchTable functions = isLarge(file) ? FrameSearchTable.of(file) : FrameSearchTable.empty(file);
            rules = functions.isEmpty() ? null : new RulesAhead(file, CodeRange.of(file), functions, dictionary);
        } catch (MalformedCfi _) {
            // What the table will say of it is waited for.
        }
        if (rules == null) {
            file.close();
        }
        return rules;
    }

    /** Where a mapping of the file's offset lies in it. */
    public long addressOfOffset(long offset) {
        return file.addressOfOffset(offset);
    }

    /** As {@link UnwindTable#row}, without its offset; a stop for {@link WalkEnd#NO_TABLE} where no FDE describes the code. */
    public int row(long elfAddress) {
        Integer before = known.get(elfAddress);
        if (before != null) {
            return before;
        }
        if (known.size() == MOST_KNOWN) {
            known.clear();
            gaps.clear();
        }
        int row = read(elfAddress);
        known.put(elfAddress, row);
        return row;
    }

    private int read(long address) {
        try {
            int function = functions.lastAtOrBefore(address);
            if (function == FrameSearchTable.NONE) {
                return NO_FDE;
            }
            long start = functions.start(function);
            long next = functions.next(function);
            EhFrame section = EhFrame.entry(file, functions.fde(function));
            UnwindTable table = TableCompiler.ofEntry(file, section, code, start, next, dictionary);
            int row = UnwindRow.ruleOf(table.row(address));
            return row == TableBuilder.NO_RULE || row == NO_FDE ? gap(address, start, next) : row;
        } catch (IOException | MalformedCfi _) {
            return PENDING;
        }
    }

    /** Code that no FDE describes may be followed, unless it is a compiler's, of which the table will know more. */
    private int gap(long address, long start, long next) throws IOException {
        long end = Math.min(next, code.endAround(address));
        Boolean known = gaps.get(start);
        boolean ofCompiler = known != null ? known : FramePointerCode.fills(file, start, end);
        gaps.put(start, ofCompiler);
        return ofCompiler ? PENDING : NO_FDE;
    }

    private static boolean isLarge(ElfFile file) {
        return file.machine() == ElfFile.EM_X86_64
                && file.segments().stream()
                        .anyMatch(segment -> segment.type() == Segment.PT_LOAD
                                && segment.executable()
                                && segment.fileSize() >= LEAST_CODE);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
