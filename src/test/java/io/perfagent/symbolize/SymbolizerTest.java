package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Mapping;
import io.perfagent.model.Module;
import io.perfagent.model.SymbolMiss;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.targetfs.MappedFile;
import io.perfagent.testing.Names;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Addresses of a process that sleeps: named while it lives and after it is gone. */
@Timeout(60)
class SymbolizerTest {
    private static final long JIT = 0x10_0000_0000L;
    private static final Mapping ANONYMOUS = new Mapping(JIT, JIT + 0x10000, 0, true, false, true, 0, 0, 0, "", false);

    @TempDir
    Path directory;

    private Process target;
    private int pid;
    private Path program;
    private Path map;
    private final Symbolizer symbolizer = new Symbolizer();

    @BeforeEach
    void start() throws IOException {
        program = directory.resolve("sleeper");
        Files.copy(Path.of("/bin/sleep").toRealPath(), program, StandardCopyOption.COPY_ATTRIBUTES);
        target = new ProcessBuilder(program.toString(), "600").start();
        pid = (int) target.pid();
        map = Path.of("/tmp/perf-" + pid + ".map");
        Files.deleteIfExists(map); // of an earlier process of that number
        while (mapping("libc.so.6") == null) {
            Thread.onSpinWait(); // until exec and the dynamic linker are through
        }
    }

    @AfterEach
    void stop() throws Exception {
        symbolizer.close();
        Files.deleteIfExists(map);
        end();
    }

    private void end() throws InterruptedException {
        target.destroyForcibly();
        target.waitFor();
    }

    private Mapping mapping(String name) throws IOException {
        return ProcMaps.read(pid).stream()
                .filter(m -> m.executable() && m.path().endsWith(name))
                .findFirst()
                .orElse(null);
    }

    private static long addressOf(Path file, String function) throws IOException, InterruptedException {
        Matcher match = Pattern.compile("(?m)^\\s*\\d+: ([0-9a-f]{16}) .* FUNC .* " + function + "(@.*)?$")
                .matcher(Tool.output("readelf", "-sW", file.toString()));
        assertThat(match.find()).isTrue();
        return Long.parseUnsignedLong(match.group(1), 16);
    }

    /** Of the libraries here, addresses and file offsets of code are the same. */
    private long runtimeAddress(Mapping mapping, long elfAddress) {
        return mapping.start() - mapping.fileOffset() + elfAddress;
    }

    @Test
    void functionsOfALibraryAreNamedAlsoAfterTheEnd() throws Exception {
        Mapping libc = Objects.requireNonNull(mapping("libc.so.6"));
        long qsort = runtimeAddress(libc, addressOf(Path.of(libc.path()), "qsort"));
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        end();
        Location location = symbolizer.user(pid, qsort + 1);
        assertThat(location.kind()).isEqualTo(Location.Kind.NATIVE);
        assertThat(Names.of(location)).isEqualTo("qsort");
        assertThat(location.address()).isEqualTo(qsort + 1);
        Module module = Objects.requireNonNull(location.module());
        assertThat(module.path()).isEqualTo(libc.path());
        String notes = Tool.output("readelf", "-n", libc.path());
        assertThat(notes).contains("Build ID: " + module.buildId());
        assertThat(symbolizer.user(pid, qsort + 1)).isSameAs(location);
    }

    /** Anybody can give a program of his the build id of another's: met first, it names what is its own. */
    @Test
    void aBuildIdOfOthersNamesNoneOfTheirFrames() throws Exception {
        Path copy = build("wrong_name");
        Path original = build("right_name");
        assertThat(addressOf(copy, "wrong_name")).isEqualTo(addressOf(original, "right_name"));
        Location wrong = locationOf(1, copy, "wrong_name");
        Location right = locationOf(2, original, "right_name");
        assertThat(Names.of(wrong)).isEqualTo("wrong_name");
        assertThat(Names.of(right)).isEqualTo("right_name");
        assertThat(Objects.requireNonNull(wrong.module()).buildId())
                .isNotNull()
                .isEqualTo(Objects.requireNonNull(right.module()).buildId());
    }

    private Path build(String function) throws Exception {
        Path source = Files.writeString(
                directory.resolve("program.c"),
                "#include <unistd.h>\nvoid " + function + "(void) { pause(); }\nint main(void) { " + function
                        + "(); }\n");
        List<String> options = List.of("-no-pie", "-Wl,--build-id=0x0123456789abcdef0123456789abcdef01234567");
        List<String> command = new ArrayList<>(List.of("gcc", source.toString(), "-o", function));
        command.addAll(options);
        Tool.output(command, directory);
        return directory.resolve(function);
    }

    /** Of a process that runs a program; the process has ended then. */
    private Location locationOf(int process, Path built, String function) throws Exception {
        Process running = new ProcessBuilder(built.toString()).start();
        try {
            int its = (int) running.pid();
            Mapping mapping = awaitMapping(its, built.toString());
            symbolizer.addProcess(process, its, ProcMaps.read(its));
            return symbolizer.user(process, mapping.start() + addressOf(built, function) % 0x1000);
        } finally {
            running.destroyForcibly().waitFor();
        }
    }

    private static Mapping awaitMapping(int process, String path) throws IOException {
        while (true) {
            for (Mapping mapping : ProcMaps.read(process)) {
                if (mapping.executable() && mapping.path().equals(path)) {
                    return mapping;
                }
            }
        }
    }

    @Test
    void aBinaryThatWasDeletedKeepsItsPlace() throws Exception {
        Mapping own = Objects.requireNonNull(mapping("sleeper"));
        Files.delete(program);
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        end();
        Location location = symbolizer.user(pid, own.start() + 0x100);
        assertThat(location.module()).isNotNull().extracting(Module::path).isEqualTo(program.toString());
        assertThat(location.miss()).isIn(null, SymbolMiss.NO_SYMBOL);
    }

    @Test
    void theVdsoIsNamed() throws Exception {
        Mapping vdso = Objects.requireNonNull(mapping("[vdso]"));
        Path image = Files.write(directory.resolve("vdso"), MappedFile.image(pid, vdso));
        long offset = addressOf(image, "__vdso_gettimeofday");
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        Location location = symbolizer.user(pid, vdso.start() + offset + 1);
        assertThat(Names.of(location)).matches("(__vdso_)?gettimeofday");
        assertThat(location.module()).isNotNull().extracting(Module::path).isEqualTo("[vdso]");
    }

    @Test
    void whatHasNoNameSaysWhy() throws Exception {
        assertUnnamed(symbolizer.user(pid, JIT), "[unknown]", SymbolMiss.NO_PROCESS);
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        assertUnnamed(symbolizer.user(pid, 0x1234), "[unknown]", SymbolMiss.NO_MAPPING);
        Mapping libc = Objects.requireNonNull(mapping("libc.so.6"));
        Location padding = symbolizer.user(pid, libc.end() - 1);
        assertThat(padding.miss()).isEqualTo(SymbolMiss.NO_SYMBOL);
        assertThat(Names.of(padding)).matches("\\[libc\\.so\\.6\\+0x[0-9a-f]+\\]");
    }

    @Test
    void aBinaryThatCannotBeReadSaysSo() throws Exception {
        Mapping gone = new Mapping(JIT, JIT + 0x1000, 0x3000, true, false, true, 1, 2, 3, "/nowhere/lib.so", false);
        Path text = Files.writeString(directory.resolve("text"), "no binary");
        Mapping bad = new Mapping(JIT + 0x2000, JIT + 0x3000, 0, true, false, true, 1, 2, 4, text.toString(), false);
        Mapping device = new Mapping(JIT + 0x4000, JIT + 0x5000, 0, true, false, true, 0, 5, 6, "/dev/zero", false);
        symbolizer.addProcess(pid, pid, List.of(gone, bad, device));
        assertUnnamed(symbolizer.user(pid, JIT + 0x10), "[lib.so+0x3010]", SymbolMiss.UNREADABLE_FILE);
        assertUnnamed(symbolizer.user(pid, JIT + 0x2010), "[text+0x10]", SymbolMiss.BAD_FILE);
        assertUnnamed(symbolizer.user(pid, JIT + 0x4010), "[zero+0x10]", SymbolMiss.UNREADABLE_FILE);
    }

    @Test
    void newerMappingsOverrideOlderOnes() throws Exception {
        Files.writeString(map, "1000000000 10000 jitted\n");
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        assertThat(Names.of(symbolizer.user(pid, JIT))).isEqualTo("jitted");
        Mapping libc = Objects.requireNonNull(mapping("libc.so.6"));
        Mapping moved = new Mapping(
                JIT,
                JIT + 0x1000,
                libc.fileOffset(),
                true,
                false,
                true,
                libc.deviceMajor(),
                libc.deviceMinor(),
                libc.inode(),
                libc.path(),
                false);
        symbolizer.addProcess(pid, pid, List.of(moved));
        assertThat(symbolizer.user(pid, JIT + 0x10).module()).isNotNull();
        assertThat(Names.of(symbolizer.user(pid, JIT + 0x2000))).isEqualTo("jitted");
    }

    @Test
    void thePerfMapIsReadLateAndAlsoAfterTheEnd() throws Exception {
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        Files.writeString(map, "1000000000 b py::Shop.buy:/srv/shop.py\n1000000020 b Builtin\n");
        end();
        Location location = symbolizer.user(pid, JIT + 5);
        assertThat(location)
                .isEqualTo(new Location(Location.Kind.PYTHON, JIT + 5, null, new Call("Shop.buy", "/srv/shop.py")));
        assertThat(symbolizer.user(pid, JIT + 0x20).kind()).isEqualTo(Location.Kind.NATIVE);
        assertUnnamed(symbolizer.user(pid, JIT + 0x100), "[anon 0x1000000000]", SymbolMiss.NO_MAP_ENTRY);
        assertThat(symbolizer.perfMapEntries(pid)).isEqualTo(2);
    }

    @Test
    void aMapThatGrewIsReadAgainForTheNextIntervalAndOneThatVanishedIsKept() throws Exception {
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        Files.writeString(map, "1000000000 b first\nbad\n");
        assertThat(Names.of(symbolizer.user(pid, JIT))).isEqualTo("first");
        assertThat(symbolizer.perfMapLinesLeftOut().damaged()).isEqualTo(1);
        Files.writeString(map, "1000000000 b other\n1000000010 b second\n");
        assertThat(Names.of(symbolizer.user(pid, JIT + 0x10))).isNotEqualTo("second");
        symbolizer.beginInterval();
        assertThat(Names.of(symbolizer.user(pid, JIT))).isEqualTo("other");
        assertThat(Names.of(symbolizer.user(pid, JIT + 0x10))).isEqualTo("second");
        Files.delete(map);
        symbolizer.beginInterval();
        assertThat(Names.of(symbolizer.user(pid, JIT + 0x10))).isEqualTo("second");
    }

    /** As V8 does for the built-in functions inside of its own program. */
    @Test
    void aPerfMapNamesCodeOfABinaryThatHasNoSymbolThere() throws Exception {
        Mapping libc = Objects.requireNonNull(mapping("libc.so.6"));
        Files.writeString(
                map,
                Long.toHexString(libc.end() - 16) + " 10 Builtin:Call\n" + Long.toHexString(libc.start())
                        + " ffffff Everything\n");
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        assertThat(Names.of(symbolizer.user(pid, libc.end() - 1))).isIn("Builtin:Call", "Everything");
        long qsort = runtimeAddress(libc, addressOf(Path.of(libc.path()), "qsort"));
        assertThat(Names.of(symbolizer.user(pid, qsort))).isEqualTo("qsort");
    }

    /** Names from a file outlast an interval; that there is none does not, once the process gives one. */
    @Test
    void whatAFileSaysIsKeptUntilTheProcessSaysMore() throws Exception {
        Mapping libc = Objects.requireNonNull(mapping("libc.so.6"));
        symbolizer.addProcess(pid, pid, ProcMaps.read(pid));
        long qsort = runtimeAddress(libc, addressOf(Path.of(libc.path()), "qsort"));
        Location named = symbolizer.user(pid, qsort);
        Location unnamed = symbolizer.user(pid, libc.end() - 1);
        assertThat(unnamed.miss()).isEqualTo(SymbolMiss.NO_SYMBOL);
        symbolizer.beginInterval();
        assertThat(symbolizer.user(pid, qsort)).isSameAs(named);
        assertThat(symbolizer.user(pid, libc.end() - 1)).isSameAs(unnamed);
        symbolizer.beginInterval();
        Files.writeString(map, Long.toHexString(libc.end() - 16) + " 10 Builtin:Call\n");
        assertThat(Names.of(symbolizer.user(pid, libc.end() - 1))).isEqualTo("Builtin:Call");
    }

    /** Where it cannot be opened: without the right to, or once the process has ended. */
    @Test
    void memoryThatLooksLikeAFileIsOneRegion() {
        Mapping vmem = new Mapping(JIT, JIT + 0x1000, 0, true, false, true, 0, 1, 77, "/memfd:vmem", true);
        Mapping zero = new Mapping(JIT + 0x2000, JIT + 0x3000, 0, true, true, true, 0, 1, 78, "/dev/zero", true);
        symbolizer.addProcess(pid, pid, List.of(vmem, zero));
        assertUnnamed(symbolizer.user(pid, JIT + 0x10), "[memfd:vmem]", SymbolMiss.NO_PERF_MAP);
        assertUnnamed(symbolizer.user(pid, JIT + 0x500), "[memfd:vmem]", SymbolMiss.NO_PERF_MAP);
        assertUnnamed(symbolizer.user(pid, JIT + 0x2010), "[zero]", SymbolMiss.NO_PERF_MAP);
    }

    @Test
    void withoutAMapTheReasonIsThat() {
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        assertUnnamed(symbolizer.user(pid, JIT), "[anon 0x1000000000]", SymbolMiss.NO_PERF_MAP);
    }

    @Test
    void aMapBehindALinkIsRefused() throws Exception {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "1000000000 b tricked\n");
        Files.createSymbolicLink(map, elsewhere);
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        assertUnnamed(symbolizer.user(pid, JIT), "[anon 0x1000000000]", SymbolMiss.REFUSED_PERF_MAP);
    }

    @Test
    void aPipeIsNotWaitedFor() throws Exception {
        Tool.output("mkfifo", map.toString());
        symbolizer.addProcess(pid, pid, List.of(ANONYMOUS));
        assertUnnamed(symbolizer.user(pid, JIT), "[anon 0x1000000000]", SymbolMiss.REFUSED_PERF_MAP);
    }

    static void assertUnnamed(Location location, String name, SymbolMiss miss) {
        assertThat(location.kind()).isEqualTo(Location.Kind.UNNAMED);
        assertThat(Names.of(location)).isEqualTo(name);
        assertThat(location.miss()).isEqualTo(miss);
    }
}
