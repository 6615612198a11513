package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.Mapping;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.testing.Names;
import io.perfagent.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real interpreters, other users' files, other namespaces, the kernel. Needs root and a Python of 3.12 or later. */
@Timeout(60)
class SymbolizerIT {
    private static final long JIT = 0x10_0000_0000L;
    private static final Mapping ANONYMOUS = new Mapping(JIT, JIT + 0x10000, 0, true, false, true, 0, 0, 0, "", false);
    private static final String FORKING = """
            import os, time
            class Shop:
                def buy(self):
                    return (lambda: self.wait())()
                def wait(self):
                    if os.fork() == 0:
                        print(os.getpid(), flush=True)
                    time.sleep(600)
            Shop().buy()
            """;

    @TempDir
    private Path directory;

    private final Symbolizer symbolizer = new Symbolizer();
    private final List<ProcessHandle> started = new ArrayList<>();
    private final List<Path> maps = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        symbolizer.close();
        started.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
        started.forEach(ProcessHandle::destroyForcibly);
        for (Path map : maps) {
            Files.deleteIfExists(map);
        }
    }

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started.add(process.toHandle());
        return process;
    }

    private static String python() throws IOException {
        Path versions = Path.of(System.getProperty("user.home"), ".pyenv/versions");
        if (Files.isDirectory(versions)) {
            try (Stream<Path> found = Files.list(versions)) {
                List<String> new312 = found.map(Path::toString)
                        .filter(path -> path.matches(".*/3\\.1[2-9][^/]*"))
                        .sorted()
                        .toList();
                if (!new312.isEmpty()) {
                    return new312.getFirst() + "/bin/python3";
                }
            }
        }
        return "python3";
    }

    private static List<String[]> entries(Path map) throws IOException {
        return Files.readAllLines(map).stream().map(line -> line.split(" ", 3)).toList();
    }

    private static int number(BufferedReader output) throws IOException {
        return Integer.parseInt(output.readLine());
    }

    private void assertNamedAs(int pid, List<String[]> entries) {
        assertThat(entries).hasSizeGreaterThan(10);
        for (String[] entry : entries) {
            long address = Long.parseUnsignedLong(entry[0], 16);
            Location location = symbolizer.user(pid, address + Long.parseLong(entry[1], 16) - 1);
            assertThat(location.kind()).isEqualTo(Location.Kind.PYTHON);
            assertThat(Names.of(location) + ":" + location.innermost().file()).isEqualTo(entry[2]);
        }
    }

    @Test
    void everyFunctionOfAPythonIsNamedAndItsForkedChildNamesItsParents() throws Exception {
        Process parent = start(python(), "-X", "perf", "-c", FORKING);
        BufferedReader output = parent.inputReader(StandardCharsets.UTF_8);
        int child = number(output);
        Path map = Path.of("/tmp/perf-" + parent.pid() + ".map");
        maps.add(map);
        maps.add(Path.of("/tmp/perf-" + child + ".map"));
        symbolizer.addProcess(child, child, ProcMaps.read(child));
        List<String[]> entries = entries(map);
        assertThat(entries).anyMatch(entry -> entry[2].startsWith("py::Shop.buy.<locals>.<lambda>:<string>"));
        ProcessHandle.of(child).orElseThrow().destroyForcibly();
        parent.destroyForcibly().waitFor();
        assertNamedAs(child, entries);
        assertNamedAs(-(int) parent.pid(), entries); // found as the child's ancestor
    }

    @Test
    void anotherProgramsChildDoesNotUseItsParentsMap() throws Exception {
        Process shell = start("sh", "-c", "sleep 600 & echo $!; wait");
        int child = number(shell.inputReader(StandardCharsets.UTF_8));
        Path map = Path.of("/tmp/perf-" + shell.pid() + ".map");
        maps.add(map);
        Files.writeString(map, "1000000000 b py::parents:/own.py\n");
        while (!ProcMaps.read(child).toString().contains("sleep")) {
            Thread.onSpinWait(); // until exec
        }
        List<Mapping> mappings = new ArrayList<>(ProcMaps.read(child));
        mappings.add(ANONYMOUS);
        symbolizer.addProcess(child, child, mappings);
        SymbolizerTest.assertUnnamed(symbolizer.user(child, JIT), "[anon 0x1000000000]", SymbolMiss.NO_PERF_MAP);
    }

    @Test
    void aMapThatAnEarlierProcessOfThePidHasLeftIsNotUsed() throws Exception {
        Process target = start("sleep", "600");
        Path map = Path.of("/tmp/perf-" + target.pid() + ".map");
        maps.add(map);
        Files.writeString(map, "1000000000 b py::earlier:/own.py\n");
        Files.setLastModifiedTime(map, FileTime.fromMillis(System.currentTimeMillis() - 60_000));
        int pid = (int) target.pid();
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        SymbolizerTest.assertUnnamed(symbolizer.user(pid, JIT), "[anon 0x1000000000]", SymbolMiss.NO_PERF_MAP);
    }

    @Test
    void aMapOfAnotherUserIsRefused() throws Exception {
        Process target = start("sleep", "600");
        Path map = Path.of("/tmp/perf-" + target.pid() + ".map");
        maps.add(map);
        Files.writeString(map, "1000000000 b planted\n");
        Tool.output("chown", "65534", map.toString());
        symbolizer.addProcess((int) target.pid(), (int) target.pid(), List.of(ANONYMOUS));
        SymbolizerTest.assertUnnamed(
                symbolizer.user((int) target.pid(), JIT), "[anon 0x1000000000]", SymbolMiss.REFUSED_PERF_MAP);
    }

    @Test
    void aContainersMapIsFoundUnderItsOwnPidAndAfterItsEnd() throws Exception {
        Process outer = start(
                "unshare",
                "--pid",
                "--mount",
                "--fork",
                "sh",
                "-c",
                "mount -t tmpfs tmpfs /tmp && echo '1000000000 b py::inside:/app.py' > /tmp/perf-$$.map"
                        + " && echo $$ && exec sleep 600");
        assertThat(number(outer.inputReader(StandardCharsets.UTF_8))).isEqualTo(1);
        ProcessHandle inner = outer.toHandle().children().findFirst().orElseThrow();
        int pid = (int) inner.pid();
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        inner.destroyForcibly();
        outer.waitFor();
        assertThat(Names.of(symbolizer.user(pid, JIT))).isEqualTo("py::inside");
    }

    /** By a link that begins at the target's root, where ours has nothing. */
    @Test
    void aDebugFileOfTheTargetsOwnNamesWhatStrippingTookAway() throws Exception {
        Path source = Files.writeString(directory.resolve("program.c"), """
                __attribute__((noinline)) void hidden_function(void) { for (;;) __builtin_ia32_pause(); }
                int main(void) { hidden_function(); }
                """);
        Path program = directory.resolve("program");
        Path files = Files.createDirectories(directory.resolve("opt/debug/.build-id/ab"));
        Files.createDirectories(directory.resolve("usr/lib"));
        Files.createSymbolicLink(directory.resolve("usr/lib/debug"), Path.of("/opt/debug"));
        Tool.output(
                "cc",
                "-O1",
                "-static",
                "-no-pie",
                "-Wl,--build-id=0xabcdef0123",
                "-o",
                program.toString(),
                source.toString());
        Tool.output("objcopy", "--only-keep-debug", program.toString(), files + "/cdef0123.debug");
        Matcher hidden =
                Pattern.compile("([0-9a-f]+) [tT] hidden_function").matcher(Tool.output("nm", program.toString()));
        assertThat(hidden.find()).isTrue();
        Tool.output("strip", program.toString());
        Process target = start("chroot", directory.toString(), "/program");
        int pid = (int) target.pid();
        while (!ProcMaps.read(pid).toString().contains(program.toString())) {
            Thread.onSpinWait(); // until exec
        }
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        target.destroyForcibly().waitFor();
        long address = Long.parseUnsignedLong(hidden.group(1), 16);
        assertThat(Names.of(symbolizer.user(pid, address + 1))).isEqualTo("hidden_function");
    }

    @Test
    void kernelAddressesAreNamed() throws Exception {
        String line = Files.readAllLines(Path.of("/proc/kallsyms")).stream()
                .filter(symbol -> symbol.endsWith(" T vfs_read"))
                .findFirst()
                .orElseThrow();
        long address = Long.parseUnsignedLong(line.substring(0, 16), 16);
        Location location = symbolizer.kernel(address + 3);
        assertThat(location.kind()).isEqualTo(Location.Kind.KERNEL);
        assertThat(Names.of(location)).isEqualTo("vfs_read");
        assertThat(location.module()).isNotNull();
        assertThat(symbolizer.kernel(address + 3)).isSameAs(location);
        assertThat(symbolizer.kernel(-1L).kind()).isEqualTo(Location.Kind.UNNAMED);
    }
}
