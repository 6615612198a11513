package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.unwind.x86_64.RowEncoder;
import java.io.IOException;

/**
 * From a file to its table, in two passes: the entries are read and sorted by address, then the instructions of each FDE run and
 * write its rows.
 *
 * <pre>
 *   ElfFile → EhFrame → EntryScanner → FdeList (sorted) → CfiInterpreter → RuleCompiler → TableBuilder → UnwindTable
 * </pre>
 */
final class TableCompiler {
    private static final Cie NO_CIE = new Cie(1, 1, 0, PointerEncoding.OMIT, false, false, 0, 0, new FrameState());

    private static final int ALIGNMENT = 16;
    private static final int MAX_GUESS = 1 << 18;
    /** The dynamic loader's first instructions, down to the jump to the program, are 64 bytes in glibc. */
    private static final int ENTRY_BYTES = 64;

    private final ElfFile file;
    private final RuleDictionary dictionary;
    private final Counts<CfiError> errors = new Counts<>(CfiError.values());

    TableCompiler(ElfFile file, RuleDictionary dictionary) {
        this.file = file;
        this.dictionary = dictionary;
    }

    UnwindTable compile() {
        try {
            if (file.machine() != ElfFile.EM_X86_64) {
                throw new MalformedCfi(CfiError.MACHINE);
            }
            return compile(EhFrame.read(file), CodeRange.of(file));
        } catch (MalformedCfi e) {
            errors.count(e.error());
        } catch (IOException _) {
            errors.count(CfiError.UNREADABLE);
        }
        return new TableBuilder(0, 0).build(errors, new Counts<>(UnsupportedRule.values()));
    }

    private UnwindTable compile(EhFrame section, CodeRange code) {
        RuleCompiler rules = new RowEncoder(dictionary, section.bytes());
        TableBuilder table = new TableBuilder(code.first(), Math.min(section.bytes().length / 8, MAX_GUESS));
        CfiInterpreter interpreter = new CfiInterpreter(section.cursor(), section.dataBase(), rules, table, NO_CIE);
        FdeList found = new FdeList(code.first());
        new EntryScanner(section, interpreter, code, found, errors).scan();
        found.sort();
        for (int fde = 0; fde < found.count(); fde++) {
            run(found, fde, interpreter, table, code);
        }
        return table.build(errors, rules.unsupported());
    }

    private void run(FdeList found, int fde, CfiInterpreter interpreter, TableBuilder table, CodeRange code) {
        long start = found.start(fde);
        long end = found.end(fde);
        try {
            table.checkRoom();
            if (start < end) {
                interpreter.run(found.cie(fde), found.from(fde), found.to(fde), start, end);
            }
        } catch (MalformedCfi e) {
            errors.count(e.error());
        }
        boolean last = fde + 1 == found.count();
        if (last || !isPadding(end, found.start(fde + 1))) {
            table.end(end);
            endAtEntry(table, end, last ? Long.MAX_VALUE : found.start(fde + 1), code);
        }
    }

    /** Code that the kernel jumps to has no caller. Where no FDE says so, as in dynamic loaders, it is told by the file's header. */
    private void endAtEntry(TableBuilder table, long from, long to, CodeRange code) {
        long entry = file.entry();
        long end = Math.min(entry + ENTRY_BYTES, code.endAround(entry));
        if (from <= entry && entry < Math.min(end, to) && table.endOfStack(entry) && end < to) {
            table.end(end);
        }
    }

    /**
     * Whether a gap is no longer than the alignment of the next function explains. Nothing runs there, so the rule before it may
     * stand: it is often the rule after it too, and two rows in ten are saved.
     */
    private static boolean isPadding(long end, long next) {
        return next - end < ALIGNMENT && (next == end || next % ALIGNMENT == 0);
    }
}
