package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of every kind, and what becomes of their files while they run. */
class ProgramKindsIT {
    private static final Path SOURCES = Path.of("src", "test", "workloads").toAbsolutePath();
    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final List<String> CHAIN = List.of("leaf", "middle", "handler", "main");
    private static final int SAMPLES = 1000;

    private static final String FROM_MEMORY =
            "import os, sys; fd = os.memfd_create('chain'); os.write(fd, open(sys.argv[1], 'rb').read());"
                    + " os.execve(fd, ['chain'], {})";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-pie -fPIE", "-no-pie", "-static", "-static-pie"})
    void linkedInEveryWay(String options) throws Exception {
        try (TargetProgram target = start(build("chain.c", options))) {
            expectChain(ProfiledRun.of(target.pid(), false, SAMPLES));
        }
    }

    /** Its callers end in the dynamic loader, whose first function nothing describes. */
    @Test
    void constructorThatTheDynamicLoaderCalls() throws Exception {
        List<String> command = List.of("env", "LD_PRELOAD=" + PROGRAMS.resolve("constructor"), "/bin/true");
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            run.expectComplete(0.99);
            assertThat(leaves(run)).anyMatch(leaf -> Names.of(leaf).equals("burn"));
        }
    }

    @Test
    void strippedProgramIsWalkedAndItsAddressesAreNamedByFileAndOffset() throws Exception {
        try (TargetProgram target = start(build("chain.c", "-s"))) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            run.expectComplete(0.99);
            assertThat(leaves(run)).allMatch(leaf -> Names.of(leaf).startsWith("[program+0x"));
            assertThat(leaves(run)).allMatch(leaf -> leaf.miss() == SymbolMiss.NO_SYMBOL);
        }
    }

    @Test
    void programWhoseFileIsDeleted() throws Exception {
        Path program = build("chain.c", "-pie");
        try (TargetProgram target = start(program)) {
            Files.delete(program);
            expectChain(ProfiledRun.of(target.pid(), false, SAMPLES));
        }
    }

    /** As packages are upgraded: the name is another file's from one moment to the next. */
    @Test
    void programWhoseFileIsReplaced() throws Exception {
        Path program = build("chain.c", "-pie");
        try (TargetProgram target = start(program)) {
            Path other = Files.copy(PROGRAMS.resolve("recursion"), directory.resolve("other"));
            Files.move(other, program, StandardCopyOption.REPLACE_EXISTING);
            expectChain(ProfiledRun.of(target.pid(), false, SAMPLES));
        }
    }

    @Test
    void programThatIsInNoFileSystem() throws Exception {
        Path python = Interpreter.oneOfEachVersion().getFirst().command();
        Path program = PROGRAMS.resolve("chain");
        List<String> command = List.of(python.toString(), "-c", FROM_MEMORY, program.toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + target.pid() + "/exe")))
                    .hasToString("/memfd:chain (deleted)");
            expectChain(ProfiledRun.of(target.pid(), false, SAMPLES));
        }
    }

    @Test
    void codeThatAProgramHasMadeItself() throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(PROGRAMS.resolve("life").toString(), "makes_code"))) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            assertThat(run.reachesEntryPoint(target.pid())).isGreaterThan(0.99);
            assertThat(run.completeShare()).as("its instructions tell").isGreaterThan(0.9);
            assertThat(leaves(run))
                    .filteredOn(leaf -> leaf.kind() == Location.Kind.UNNAMED)
                    .isNotEmpty()
                    .allMatch(leaf -> leaf.miss() == SymbolMiss.NO_PERF_MAP);
            assertThat(String.join("\n", run.profile().comments())).contains(SymbolMiss.NO_PERF_MAP.description());
        }
    }

    /** As PHP, Erlang and .NET do: code in shared memory, in a memfd, in a file without a name; one name for each. */
    @Test
    void codeInMemoryThatLooksLikeAFile() throws Exception {
        Map<String, String> kinds = Map.of("zero", "[zero]", "memfd", "[memfd:vmem]", "file", "[jit-code]");
        for (String kind : kinds.keySet()) {
            List<String> command = List.of(build("jit_files.c", "-O1").toString(), kind, directory.toString());
            try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
                ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
                assertThat(leaves(run))
                        .as(kind)
                        .filteredOn(leaf -> leaf.kind() == Location.Kind.UNNAMED)
                        .isNotEmpty()
                        .allMatch(leaf -> leaf.miss() == SymbolMiss.NO_PERF_MAP)
                        .extracting(Names::of)
                        .containsOnly(kinds.get(kind));
            }
        }
    }

    /** As libraries in Rust have them: more than 32 MiB of names, which is an eighth of the program's heap. */
    @Test
    @Tag("long")
    void programWithNamesOfMegabytes() throws Exception {
        StringBuilder names = new StringBuilder(".text\n");
        String pad = "x".repeat(235);
        for (int i = 0; i < 140_000; i++) {
            String name = "fn_" + i + "_" + pad;
            names.append(".type ")
                    .append(name)
                    .append(", @function\n")
                    .append(name)
                    .append(": ret\n.size ");
            names.append(name).append(", 1\n");
        }
        Files.writeString(directory.resolve("names.s"), names);
        try (TargetProgram target =
                start(build("chain.c", directory.resolve("names.s").toString()))) {
            Process run = Agent.start(
                    directory, "--profile", "--pid=" + target.pid(), "--duration=1s", "--profile-output=large.pb.gz");
            String log = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(run.waitFor()).as(log).isZero();
            String top = Pprof.output(directory, "-top", "large.pb.gz");
            assertThat(top).contains(" leaf\n", " middle\n", " handler\n").doesNotContain("[program+");
        }
    }

    @Test
    void codeOf32Bits() throws Exception {
        Path program = build("compat.c", "-m32 -nostdlib -static -fno-pic");
        try (TargetProgram target = start(program)) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            assertThat(run.result().samples()).isGreaterThan(100);
            assertThat(run.reasons()).contains("cut stacks: " + run.result().samples() + " 32-bit code");
        }
    }

    private Path build(String source, String options) throws Exception {
        Path program = directory.resolve("program");
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-fomit-frame-pointer", "-o", program.toString()));
        command.addAll(List.of(options.split(" ")));
        command.add(SOURCES.resolve(source).toString());
        Tool.output(command, directory);
        return program;
    }

    private static TargetProgram start(Path program) throws Exception {
        return TargetProgram.start(Map.of(), List.of(program.toString()));
    }

    private static void expectChain(ProfiledRun run) {
        Truth truth = Truth.of(run.profile(), "leaf", CHAIN::contains, CHAIN::equals);
        run.expectComplete(0.99);
        assertThat(truth.samples()).isGreaterThan(300);
        assertThat(truth.share()).as("in order; others: " + truth.others()).isGreaterThan(0.99);
    }

    /** Of user mode. */
    private static List<Location> leaves(ProfiledRun run) {
        return run.profile().stacks().stream()
                .map(StackCount::locations)
                .filter(locations -> locations.getFirst().kind() != Location.Kind.KERNEL)
                .map(List::getFirst)
                .toList();
    }
}
