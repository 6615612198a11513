package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CodeMapping;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.ProcessEntry;
import io.perfagent.bpf.walker.CpuRegisters;
import io.perfagent.bpf.walker.HostWalker;
import io.perfagent.bpf.walker.UserMemory;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.model.Sample;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.TableCompiler;
import io.perfagent.unwind.table.InterpreterFrame;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The walker over the recorded stack of a real program, with the tables of its files: recursion, a realigned frame, qsort calling
 * back, a signal. The program says where each of its functions returns to.
 */
class RecordedStackTest {
    private static final int RULE_BYTES = 24;
    private static final int MAPPING_WORDS = (int) CodeMapping.LAYOUT.byteSize() / 4;

    @TempDir
    Path directory;

    private final CpuRegisters registers = new CpuRegisters();
    private final UserMemory memory = new UserMemory();
    private final List<Long> expected = new ArrayList<>();
    private final RuleDictionary dictionary = new RuleDictionary(Limits.SLAB_WORDS * 4 / RULE_BYTES);
    private int nextWord = Limits.SLAB_WORDS;

    @ParameterizedTest
    @CsvSource({"gcc,-O0", "gcc,-O2", "clang,-O0", "clang,-O2"})
    void walksARecordedStack(String compiler, String optimization) throws Exception {
        List<Mapping> mappings = record(compiler, optimization);
        try (HostWalker walker = HostWalker.production()) {
            walker.reset(memory);
            walker.configure(UnwindMode.DWARF, false);
            publish(walker, mappings);
            Sample sample = Objects.requireNonNull(walker.sample(registers));
            assertThat(sample.end()).isEqualTo(WalkEnd.END_OF_STACK);
            List<Long> frames = new ArrayList<>();
            for (long frame : sample.user()) {
                frames.add(frame);
            }
            assertThat(frames).containsSubsequence(expected).startsWith(expected.getFirst());
            frames.removeAll(expected);
            frames.removeIf(frame -> inLibrary(mappings, frame));
            assertThat(frames).as("where qsort and _start call from").hasSize(2);
        }
    }

    /** Runs the program, and takes down what it says. */
    private List<Mapping> record(String compiler, String optimization) throws Exception {
        Path source = directory.resolve("recorded.c");
        try (InputStream text = getClass().getResourceAsStream("/unwind/recorded.c")) {
            Files.copy(Objects.requireNonNull(text), source);
        }
        Path program = directory.resolve("recorded");
        Tool.output(List.of(compiler, optimization, "-o", program.toString(), source.toString()), directory);
        String[] parts =
                Tool.output(List.of(program.toString(), "stack"), directory).split("maps\n", 2);
        parts[0].lines().forEach(line -> take(line.split(" ", -1)));
        return ProcMaps.parse(parts[1]);
    }

    private void take(String[] words) {
        long value = Long.parseUnsignedLong(words[words.length - 1], 16);
        switch (words[0]) {
            case "register" -> takeRegister(Integer.parseInt(words[1]), value);
            case "return" -> expected.add(value - 1);
            case "exact" -> {
                expected.set(expected.size() - 1, expected.getLast() + 1); // where the signal's handler returns to
                expected.add(value);
            }
            case "stack" -> takeStack(value);
            default -> throw new AssertionError(String.join(" ", words));
        }
    }

    private void takeRegister(int number, long value) {
        registers.set(number, value);
        if (number == CpuRegisters.RIP) {
            expected.add(value);
        }
    }

    private void takeStack(long start) {
        try {
            memory.bytes(start, Files.readAllBytes(directory.resolve("stack")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void publish(HostWalker walker, List<Mapping> mappings) throws IOException {
        List<CodeMapping> code = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (mapping.executable() && mapping.isFile()) {
                code.add(table(walker, Path.of(mapping.path())).at(mapping));
            }
        }
        ByteBuffer rules = walker.slab(0).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < dictionary.size(); i++) {
            dictionary.rule(i).write(rules, i * RULE_BYTES);
        }
        int list = nextSlab();
        for (int i = 0; i < code.size(); i++) {
            code.get(i).write(walker.slab(list), (long) i * MAPPING_WORDS);
        }
        walker.process(new ProcessEntry(list, code.size(), 1));
    }

    /** Each file's index and rows begin a slab. */
    private BinaryTable table(HostWalker walker, Path path) throws IOException {
        try (ElfFile file = ElfFile.open(path)) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            int index = nextSlab();
            int rows = nextSlab();
            walker.write(rows, table.place(0).rows());
            int[] positions = table.place(0).pageIndex();
            for (int i = 0; i < positions.length; i++) {
                walker.write(index + i, positions[i] + rows);
            }
            int count = table.place(0).rows().length;
            return new BinaryTable(
                    file.segments(),
                    index,
                    (int) table.firstPage(),
                    table.pageCount(),
                    rows,
                    count,
                    WalkEnd.NO_RULE,
                    KeptFrames.UNKNOWN,
                    InterpreterFrame.UNKNOWN);
        }
    }

    private int nextSlab() {
        int slab = nextWord;
        nextWord += Limits.SLAB_WORDS;
        return slab;
    }

    private static boolean inLibrary(List<Mapping> mappings, long address) {
        return mappings.stream()
                .anyMatch(mapping -> mapping.contains(address)
                        && mapping.executable()
                        && mapping.path().contains("libc"));
    }
}
