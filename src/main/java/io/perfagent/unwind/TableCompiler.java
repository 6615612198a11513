package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolSearch;
import io.perfagent.elf.TooLargeException;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.EhFrame;
import io.perfagent.unwind.cfi.FdeList;
import io.perfagent.unwind.cfi.FrameState;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.PointerEncoding;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleCompiler;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.GoRows;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.UnwindRule;
import io.perfagent.unwind.x86_64.flow.Departure;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From a file to its table, in two passes: the entries are read and sorted by address, then the instructions of each FDE run and
 * write its rows. Functions in Go have no FDEs, but a table of their own.
 *
 * <pre>
 *   ElfFile → EhFrame → EntryScanner → FdeList (sorted) → CfiInterpreter → RuleCompiler ┐
 *   ElfFile → Pclntab → GoFunctions (sorted) → PcspReader → GoFrameRows → GoRows ───────┴→ TableBuilder → UnwindTable
 * </pre>
 */
public final class TableCompiler {
    private static final Cie NO_CIE = new Cie(1, 1, 0, PointerEncoding.OMIT, false, false, 0, 0, new FrameState());

    private static final int ALIGNMENT = 16;
    private static final int MAX_GUESS = 1 << 18;
    /** The dynamic loader's first instructions, down to the jump to the program, are 64 bytes in glibc. */
    private static final int ENTRY_BYTES = 64;

    /** Of V8: takes its return address off the stack, makes its caller's frame, and puts it back. */
    private static final String MAKES_FRAMES_OF_OTHERS = "Builtins_BaselineOutOfLinePrologue";

    private final ElfFile file;
    private final RuleDictionary dictionary;
    private final Workspace workspace;
    private final Counts<CfiError> errors = new Counts<>(CfiError.values());
    private boolean mayBeLuaJit;

    private TableCompiler(ElfFile file, RuleDictionary dictionary, Workspace workspace) {
        this.file = file;
        this.dictionary = dictionary;
        this.workspace = workspace;
    }

    /** Compiles a file's {@code .eh_frame}. Whatever is wrong with it is counted; a file without any gives a table of no pages. */
    public static UnwindTable compile(ElfFile file, RuleDictionary dictionary) {
        return compile(file, dictionary, Workspace.unlimited());
    }

    /** The same, where a {@link Workspace.NoRoom} ends it if it takes more memory than there is. */
    public static UnwindTable compile(ElfFile file, RuleDictionary dictionary, Workspace workspace) {
        return new TableCompiler(file, dictionary, workspace).compile();
    }

    /**
     * The rows of one FDE.
     *
     * @param section that, with its CIE
     * @param start where its function begins, as the file's index has it
     * @param next where the one behind it does
     */
    static UnwindTable ofEntry(
            ElfFile file, EhFrame section, CodeRange code, long start, long next, RuleDictionary dictionary)
            throws IOException, MalformedCfi {
        return new TableCompiler(file, dictionary, Workspace.unlimited()).entry(section, code, start, next);
    }

    private UnwindTable entry(EhFrame section, CodeRange code, long start, long next) throws IOException, MalformedCfi {
        RowEncoder rules = new RowEncoder(dictionary, section.bytes());
        TableBuilder table = new TableBuilder(start, 0, TableBuilder.NO_TABLE, workspace);
        CodeRanges described = fdes(section, rules, table, code);
        if (described.count() != 1 || described.start(0) != start) {
            throw new MalformedCfi(CfiError.BAD_RANGE);
        }
        long end = Math.min(described.end(0), next);
        described.write(0, end, table);
        table.end(end);
        return table.build(errors, rules.unsupported());
    }

    private UnwindTable compile() {
        try {
            if (file.machine() != ElfFile.EM_X86_64) {
                throw new MalformedCfi(CfiError.MACHINE);
            }
            Pclntab functions = functions();
            boolean onlyFunctions = functions != null && !EhFrame.isIn(file);
            return compile(onlyFunctions ? EhFrame.NONE : EhFrame.read(file, workspace), functions, CodeRange.of(file));
        } catch (MalformedCfi e) {
            errors.count(e.error());
        } catch (TooLargeException _) {
            throw new Workspace.NoRoom();
        } catch (IOException _) {
            errors.count(CfiError.UNREADABLE);
        }
        return withoutAny();
    }

    /**
     * The table of a file without any that can be read: stacks end where the kernel has jumped to, and where no frame pointers are kept the
     * code itself says the rest.
     */
    private UnwindTable withoutAny() {
        RowEncoder rules = new RowEncoder(dictionary, new byte[0]);
        TableBuilder table = new TableBuilder(0, 0, workspace);
        try {
            if (file.machine() == ElfFile.EM_X86_64) {
                CodeRange code = CodeRange.of(file);
                table = new TableBuilder(code.first(), 0, TableBuilder.NO_TABLE, workspace);
                write(code, rules, table);
            }
        } catch (MalformedCfi e) {
            errors.count(e.error());
        } catch (IOException _) {
            if (errors.of(CfiError.UNREADABLE) == 0) {
                errors.count(CfiError.UNREADABLE);
            }
        }
        return table.build(errors, rules.unsupported());
    }

    private void write(CodeRange code, RowEncoder rules, TableBuilder table) throws IOException {
        boolean kept = FramePointerCode.isIn(file);
        if (kept) {
            table.keepsFrames(KeptFrames.ALL);
        }
        ExecutableRanges ranges = kept ? ExecutableRanges.NONE : ExecutableRanges.of(file);
        UndescribedCode all =
                new UndescribedCode(file, ranges, code, CodeRanges.NONE, rules, table, Departure.UNKNOWN, workspace);
        fill(code.first(), Long.MAX_VALUE, table, all, code);
    }

    /** Go's account of its functions; null where there is none that can be read. */
    private @Nullable Pclntab functions() throws IOException {
        try {
            return Pclntab.find(file, workspace);
        } catch (MalformedCfi e) {
            errors.count(e.error());
            return null;
        }
    }

    private UnwindTable compile(EhFrame section, @Nullable Pclntab functions, CodeRange code) throws IOException {
        RowEncoder rules = new RowEncoder(dictionary, section.bytes());
        TableBuilder table = new TableBuilder(code.first(), Math.min(section.bytes().length / 8, MAX_GUESS), workspace);
        CodeRanges described = fdes(section, rules, table, code);
        MergedRanges ranges = new MergedRanges(described, go(functions, rules, code));
        Set<Long> starts = GreenletStart.of(file);
        ExecutableRanges all = functions == null ? ExecutableRanges.of(file) : ExecutableRanges.NONE;
        Departure departure = haskell(section, described, code, table);
        UndescribedCode gaps = new UndescribedCode(file, all, code, described, rules, table, departure, workspace);
        fill(code.first(), ranges.nextStart(), table, gaps, code);
        mayBeLuaJit = LuaJitCode.mayBeIn(file);
        while (ranges.next()) {
            write(ranges, starts, table, rules, gaps, code);
        }
        UnwindTable built = table.build(errors, rules.unsupported());
        int dispatch = PhpDispatch.row(file, built);
        return dispatch == 0 ? built : built.with(new InterpreterFrame.Dispatching(dispatch));
    }

    /** How code leaves that GHC has compiled from Haskell, if that is what the file's is. */
    private Departure haskell(EhFrame section, CodeRanges ranges, CodeRange code, TableBuilder table)
            throws IOException {
        if (!HaskellFrame.mayBeIn(file, ranges, section.bytes())) {
            return Departure.UNKNOWN;
        }
        RowEncoder rules = new RowEncoder(dictionary, section.bytes());
        TableBuilder scratch = new TableBuilder(code.first(), 0, workspace);
        CodeRanges described = new TableCompiler(file, dictionary, workspace).fdes(section, rules, scratch, code);
        UnwindRule.Frame frame = HaskellFrame.of(described, scratch, rules);
        if (frame == null) {
            return Departure.UNKNOWN;
        }
        table.runsIn(new InterpreterFrame.Entered(frame.cfa().offset()));
        return Departure.byAny(frame);
    }

    private CodeRanges fdes(EhFrame section, RuleCompiler rules, TableBuilder table, CodeRange code) {
        CfiInterpreter interpreter = new CfiInterpreter(section.cursor(), section.dataBase(), rules, table, NO_CIE);
        FdeList found = new FdeList(code.first(), workspace);
        new EntryScanner(section, interpreter, code, found, errors, workspace).scan();
        found.sort();
        return new FdeRanges(found, interpreter);
    }

    private CodeRanges go(@Nullable Pclntab functions, RowEncoder rules, CodeRange code) throws IOException {
        try {
            return functions == null
                    ? CodeRanges.NONE
                    : GoFunctions.of(file, functions, code, new GoRows(rules), errors, workspace);
        } catch (MalformedCfi e) {
            errors.count(e.error());
            return CodeRanges.NONE;
        }
    }

    private void write(
            MergedRanges ranges,
            Set<Long> starts,
            TableBuilder table,
            RowEncoder rules,
            UndescribedCode gaps,
            CodeRange code)
            throws IOException {
        long end = ranges.end();
        try {
            table.checkRoom();
            boolean first = starts.contains(ranges.start()) && table.endOfStack(ranges.start());
            if (ranges.start() < end && !first) {
                ranges.current().write(ranges.index(), end, table);
            }
        } catch (MalformedCfi e) {
            errors.count(e.error());
        }
        mayBeLuaJit = mayBeLuaJit && !LuaJitCode.write(file, ranges.start(), end, table, rules);
        if (!isPadding(end, ranges.nextStart())) {
            gap(ranges, table, rules, gaps, code);
        }
    }

    private void gap(MergedRanges ranges, TableBuilder table, RowEncoder rules, UndescribedCode gaps, CodeRange code)
            throws IOException {
        if (!keepFramePointers(ranges, rules, table, code)) {
            fill(ranges.end(), ranges.nextStart(), table, gaps, code);
        }
    }

    /** Behind a range, V8's built-in functions: all of it keeps frame pointers, and so does what it makes. */
    private boolean keepFramePointers(MergedRanges ranges, RowEncoder rules, TableBuilder table, CodeRange code)
            throws IOException {
        long end = Math.min(ranges.nextStart(), code.endAround(ranges.end()));
        boolean kept = FramePointerCode.fills(file, ranges.end(), end);
        if (kept) {
            int row = rules.row(UnwindRule.Frame.framePointer());
            table.gap(ranges.end(), row);
            withoutRule(SymbolSearch.find(file, MAKES_FRAMES_OF_OTHERS), row, end, table);
            table.end(end);
            table.keepsFrames(KeptFrames.MADE_CODE);
        }
        return kept;
    }

    private static void withoutRule(@Nullable Symbol function, int row, long end, TableBuilder table) {
        if (function != null && function.address() + function.size() <= end && table.noRule(function.address())) {
            table.gap(function.address() + function.size(), row);
        }
    }

    /** Code that the kernel jumps to has no caller. Where no FDE says so, as in dynamic loaders, it is told by the file's header. */
    private void fill(long from, long to, TableBuilder table, UndescribedCode gaps, CodeRange code) {
        long entry = file.entry();
        long end = Math.min(entry + ENTRY_BYTES, code.endAround(entry));
        if (entry == 0 || from > entry || entry >= Math.min(end, to)) {
            gaps.write(from, to);
            return;
        }
        gaps.write(from, entry);
        boolean _ = table.endOfStack(entry);
        if (end < to) {
            gaps.write(end, to);
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
