package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every row of every function of Go programs, compared with the call-frame information that Go's linker wrote for debuggers. */
class GoGoldenTest {
    /** Where Go's frame information goes on, and stacks end. */
    private static final Set<String> OUTERMOST = Set.of(
            "runtime.goexit",
            "runtime.mstart",
            "runtime.rt0_go",
            "_rt0_amd64_linux",
            "runtime.mcall",
            "gogo",
            "runtime.gogo");
    /** What exchanges the stack pointer, which frame information does not say. */
    private static final Set<String> SWITCHING = Set.of(
            "runtime.systemstack",
            "runtime.asmcgocall",
            "runtime.cgocallback",
            "runtime.nanotime1",
            "runtime.callCgoSigaction",
            "runtime.callCgoMmap",
            "runtime.callCgoMunmap",
            "runtime.sigfwd",
            "runtime.switchToCrashStack0",
            "runtime.vgetrandom1",
            "time.now");
    /** Where signal handlers return to, by its older name and its newer; and what pops its own return address. */
    private static final Set<String> OF_THEIR_OWN_KIND =
            Set.of("runtime.sigreturn", "runtime.sigreturn__sigaction", "syscall.rawVforkSyscall");

    private static final UnwindRule END = new UnwindRule.Stop(WalkEnd.END_OF_STACK);
    private static final UnwindRule UNKNOWN_CALLER = new UnwindRule.Stop(WalkEnd.UNSUPPORTED_RULE);

    private final RuleDictionary dictionary = new RuleDictionary(43_690);
    private final RowDecoder decoder = new RowDecoder(dictionary);

    @ParameterizedTest
    @CsvSource({"go-churn-pie,5000", "go-cgo,5000"})
    void everyRow(String program, int atLeast) throws Exception {
        expectEqualRows(program, atLeast);
    }

    @ParameterizedTest
    @Tag("long")
    @CsvSource({"go-chain,5000", "go-churn,5000"})
    void everyRowOfOthers(String program, int atLeast) throws Exception {
        expectEqualRows(program, atLeast);
    }

    private void expectEqualRows(String program, int atLeast) throws Exception {
        GoWorkload golden = GoWorkload.of(program);
        UnwindTable table = compile(golden.file());
        List<String> differences = new ArrayList<>();
        int compared = 0;
        int saved = 0;
        for (GoldenFrame frame : golden.frames()) {
            Long save = save(golden, frame);
            saved += save == null ? 0 : 1;
            compared += compare(golden.name(frame), frame, save, table, differences);
        }
        System.out.printf(
                "golden file=%s functions=%d saving_rbp=%d rows_compared=%d differing=%d rows=%d table_bytes=%d errors=[%s]%n",
                program,
                golden.frames().size(),
                saved,
                compared,
                differences.size(),
                table.rows().length,
                4 * (table.rows().length + table.pageIndex().length),
                table.errors());
        assertThat(differences).isEmpty();
        assertThat(compared).isGreaterThan(atLeast);
        assertThat(saved).isGreaterThan(golden.frames().size() / 2);
        assertThat(table.errors().total()).isZero();
    }

    @Test
    void framesThatRunOnAnotherStackThanTheirCaller() throws Exception {
        GoWorkload golden = GoWorkload.of("go-cgo");
        UnwindTable table = compile(golden.file());
        CfaRule byFramePointer = new CfaRule.OtherStack(Registers.RBP, 16);
        for (String name : List.of("runtime.systemstack", "runtime.asmcgocall", "runtime.cgocallback")) {
            GoldenFrame frame = frame(golden, name);
            long middle = (frame.start() + frame.end()) / 2;
            assertThat(((UnwindRule.Frame) rule(table, middle)).cfa()).as(name).isEqualTo(byFramePointer);
        }
    }

    /** The kernel makes the handler return there, so what is looked up is the byte before. */
    @Test
    void signalFramesBeginOneByteEarly() throws Exception {
        GoWorkload golden = GoWorkload.of("go-chain");
        UnwindTable table = compile(golden.file());
        GoldenFrame frame = frame(golden, "runtime.sigreturn");
        assertThat(rule(table, frame.start() - 1)).isEqualTo(new UnwindRule.SignalFrame());
        assertThat(rule(table, frame.end() - 1)).isEqualTo(new UnwindRule.SignalFrame());
        assertThat(rule(table, frame.start() - 2)).isNotEqualTo(new UnwindRule.SignalFrame());
    }

    /** What stripping leaves out, the table is not made of. */
    @Test
    void strippedProgramsHaveTheSameRows() throws IOException {
        assertThat(compile(Path.of("target/workloads/go-chain-stripped")).rows())
                .isEqualTo(compile(Path.of("target/workloads/go-chain")).rows());
    }

    /** The host's linker merges the table's section into that of relocated data, with Go up to 1.25 or so. */
    @Test
    void tableInASectionOfAnotherName(@TempDir Path directory) throws Exception {
        Path built = Path.of("target/workloads/go-cgo-pie-stripped");
        Path merged = withoutSectionOfItsOwn(built, directory.resolve("merged"));
        try (ElfFile elf = ElfFile.open(merged)) {
            assertThat(elf.sections()).noneMatch(section -> section.name().endsWith(".gopclntab"));
        }
        UnwindTable table = compile(merged);
        assertThat(table.errors().total()).isZero();
        assertThat(table.rows())
                .hasSizeGreaterThan(5_000)
                .isEqualTo(compile(built).rows());
    }

    /** Newer linkers keep the section: here it takes the name of the one that older ones put it into. */
    private static Path withoutSectionOfItsOwn(Path built, Path copy) throws Exception {
        String own = "";
        try (ElfFile elf = ElfFile.open(built)) {
            for (Section section : elf.sections()) {
                own = section.name().endsWith(".gopclntab") ? section.name() : own;
            }
        }
        if (own.isEmpty()) {
            return Files.copy(built, copy);
        }
        Tool.output(
                "objcopy",
                "--rename-section",
                ".data.rel.ro=.relocated",
                "--rename-section",
                own + "=.data.rel.ro",
                built.toAbsolutePath().toString(),
                copy.toString());
        return copy;
    }

    private int compare(String name, GoldenFrame frame, Long save, UnwindTable table, List<String> differences) {
        List<GoldenFrame.Row> rows = frame.rows();
        if (SWITCHING.contains(name) || OF_THEIR_OWN_KIND.contains(name)) {
            return 0;
        }
        for (int i = 0; i < rows.size(); i++) {
            long end = i + 1 < rows.size() ? rows.get(i + 1).location() : frame.end();
            UnwindRule golden = OUTERMOST.contains(name)
                    ? END
                    : name.equals("runtime.morestack") ? UNKNOWN_CALLER : GoldenRule.of(frame, rows.get(i));
            String difference = difference(rows.get(i).location(), end, golden, save, table);
            if (!difference.isEmpty() && differences.size() < 20) {
                differences.add(name + " " + difference);
            }
        }
        return rows.size();
    }

    /** The first address of a range that has another rule, in words. */
    private String difference(long from, long to, UnwindRule golden, Long save, UnwindTable table) {
        for (long address = from; address < to; address++) {
            UnwindRule expected = withSavedRegister(golden, address, save);
            UnwindRule actual = rule(table, address);
            if (!actual.equals(expected)) {
                return Long.toHexString(address) + ": " + actual + ", golden: " + expected;
            }
        }
        return "";
    }

    /** rbp is on the stack from behind the instruction that saves it, while there is a frame. */
    private static UnwindRule withSavedRegister(UnwindRule golden, long address, Long save) {
        boolean behind = save != null && address >= save;
        return behind && golden instanceof UnwindRule.Frame frame && frame.cfa().offset() > 8
                ? new UnwindRule.Frame(frame.cfa(), new SavedRegister.AtCfa(-16), frame.rbx(), frame.returnAddress())
                : golden;
    }

    /** The address behind the instruction that saves rbp below the return address, where the function has one; of Go functions. */
    private static Long save(GoWorkload golden, GoldenFrame frame) {
        for (Map.Entry<Long, Integer> save :
                golden.saves().subMap(frame.start(), frame.end()).entrySet()) {
            if (cfaOffset(frame, save.getKey()) == save.getValue() + 16) {
                return save.getKey();
            }
        }
        return null;
    }

    private static int cfaOffset(GoldenFrame frame, long address) {
        int offset = 0;
        for (GoldenFrame.Row row : frame.rows()) {
            boolean ofStackPointer = row.location() <= address && row.cfa().startsWith("rsp+");
            offset = ofStackPointer ? Integer.parseInt(row.cfa().substring(4)) : offset;
        }
        return offset;
    }

    private static GoldenFrame frame(GoWorkload golden, String name) {
        return golden.frames().stream()
                .filter(frame -> golden.name(frame).matches(Pattern.quote(name) + "(__sigaction)?"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name));
    }

    private UnwindRule rule(UnwindTable table, long address) {
        return decoder.decode(table.row(address));
    }

    private UnwindTable compile(Path path) throws IOException {
        try (ElfFile file = ElfFile.open(path)) {
            return TableCompiler.compile(file, dictionary);
        }
    }
}
