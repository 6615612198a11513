package io.perfagent.fuzz;

import io.perfagent.bpf.abi.SampleRecordFuzzer;
import io.perfagent.elf.ElfFuzzer;
import io.perfagent.elf.LoadedObjectFuzzer;
import io.perfagent.procfs.ProcFuzzer;
import io.perfagent.runtime.cpython.CodeObjectFuzzer;
import io.perfagent.runtime.cpython.LineTableFuzzer;
import io.perfagent.symbolize.ElfSymbolsFuzzer;
import io.perfagent.symbolize.KernelSymbolsFuzzer;
import io.perfagent.symbolize.PerfMapFuzzer;
import io.perfagent.unwind.PclntabFuzzer;
import io.perfagent.unwind.TableFuzzer;
import io.perfagent.unwind.x86_64.flow.CodeFlowFuzzer;
import io.perfagent.view.pprof.PprofFuzzer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What reads bytes of others.
 *
 * @param label of its corpus and its findings
 * @param type whose method {@code fuzzerTestOneInput} takes any bytes, and throws where something is wrong with ours: the form that
 *     Jazzer calls
 * @param target that method
 * @param seeds makes small input out of real files
 */
record Fuzzer(String label, Class<?> type, Consumer<byte[]> target, Seeds seeds) {
    private static final Path FINDINGS = Path.of("src", "test", "resources", "fuzz");

    /** Input to begin with. */
    interface Seeds {
        List<byte[]> make() throws IOException;
    }

    static List<Fuzzer> all() {
        return List.of(
                new Fuzzer("elf", ElfFuzzer.class, ElfFuzzer::fuzzerTestOneInput, ElfFuzzer::seeds),
                new Fuzzer(
                        "jit-images",
                        LoadedObjectFuzzer.class,
                        LoadedObjectFuzzer::fuzzerTestOneInput,
                        LoadedObjectFuzzer::seeds),
                new Fuzzer("tables", TableFuzzer.class, TableFuzzer::fuzzerTestOneInput, TableFuzzer::seeds),
                new Fuzzer("code", CodeFlowFuzzer.class, CodeFlowFuzzer::fuzzerTestOneInput, CodeFlowFuzzer::seeds),
                new Fuzzer("pclntab", PclntabFuzzer.class, PclntabFuzzer::fuzzerTestOneInput, PclntabFuzzer::seeds),
                new Fuzzer(
                        "symbols",
                        ElfSymbolsFuzzer.class,
                        ElfSymbolsFuzzer::fuzzerTestOneInput,
                        ElfSymbolsFuzzer::seeds),
                new Fuzzer("perf-map", PerfMapFuzzer.class, PerfMapFuzzer::fuzzerTestOneInput, PerfMapFuzzer::seeds),
                new Fuzzer(
                        "kallsyms",
                        KernelSymbolsFuzzer.class,
                        KernelSymbolsFuzzer::fuzzerTestOneInput,
                        KernelSymbolsFuzzer::seeds),
                new Fuzzer("proc", ProcFuzzer.class, ProcFuzzer::fuzzerTestOneInput, ProcFuzzer::seeds),
                new Fuzzer(
                        "python-lines",
                        LineTableFuzzer.class,
                        LineTableFuzzer::fuzzerTestOneInput,
                        LineTableFuzzer::seeds),
                new Fuzzer(
                        "python-code",
                        CodeObjectFuzzer.class,
                        CodeObjectFuzzer::fuzzerTestOneInput,
                        CodeObjectFuzzer::seeds),
                new Fuzzer(
                        "ring",
                        SampleRecordFuzzer.class,
                        SampleRecordFuzzer::fuzzerTestOneInput,
                        SampleRecordFuzzer::seeds),
                new Fuzzer("pprof", PprofFuzzer.class, PprofFuzzer::fuzzerTestOneInput, PprofFuzzer::seeds));
    }

    /** Real input, and what once was a finding. */
    List<byte[]> corpus() throws IOException {
        List<byte[]> corpus = new ArrayList<>(seeds.make());
        Path findings = FINDINGS.resolve(label);
        if (Files.isDirectory(findings)) {
            try (Stream<Path> files = Files.list(findings)) {
                for (Path file : files.sorted().toList()) {
                    corpus.add(Files.readAllBytes(file));
                }
            }
        }
        return corpus;
    }

    @Override
    public String toString() {
        return label;
    }
}
