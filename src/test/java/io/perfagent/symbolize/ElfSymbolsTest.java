package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.Budget;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Symbols compared with what readelf and objdump say of the same file. */
class ElfSymbolsTest {
    private static final Pattern FUNCTION =
            Pattern.compile("\\s*\\d+: ([0-9a-f]{16})\\s+(\\w+) (?:FUNC|IFUNC)\\s+(\\w+)\\s+\\w+\\s+\\w+ (\\S+)");

    private record Function(long address, long size, String binding, String name) {
        boolean holds(long at) {
            return at >= address && at < address + Math.max(1, size);
        }
    }

    static Stream<Path> binaries() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : List.of("libc.so.6", "ld-linux-x86-64.so.2", "libstdc++.so.6", "libm.so.6")) {
            Path path = Path.of("/lib/x86_64-linux-gnu").resolve(pattern);
            if (Files.exists(path)) {
                found.add(path.toRealPath());
            } else if (Files.exists(Path.of("/usr/lib/x86_64-linux-gnu").resolve(pattern))) {
                found.add(Path.of("/usr/lib/x86_64-linux-gnu").resolve(pattern).toRealPath());
            }
        }
        found.add(Path.of(System.getProperty("java.home"), "lib/server/libjvm.so"));
        found.addAll(pythons());
        return found.stream();
    }

    private static List<Path> pythons() throws IOException {
        Path versions = Path.of(System.getProperty("user.home"), ".pyenv/versions");
        if (!Files.isDirectory(versions)) {
            return List.of();
        }
        try (Stream<Path> files = Files.find(
                versions,
                3,
                (path, _) -> path.toString().matches(".*/3\\.1[23][^/]*/lib/libpython3\\.1\\d\\.so\\.1\\.0"))) {
            return files.toList();
        }
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void everyFunctionOfTheTablesIsFound(Path path) throws Exception {
        Map<Long, List<Function>> byAddress = functions(path);
        assertThat(byAddress).hasSizeGreaterThan(20);
        try (ElfFile file = ElfFile.open(path)) {
            ElfSymbols symbols = ElfSymbols.of(
                    file, Path.of("/nowhere"), null, Budget.ofHeap().keep());
            byAddress.forEach((address, candidates) -> {
                Function first = candidates.getFirst();
                assertNamed(symbols, address, candidates, "GLOBAL");
                if (candidates.size() == 1 && first.size() > 1) {
                    assertWithin(symbols, byAddress, address + first.size() - 1, first);
                }
            });
        }
    }

    /** One of the names that readelf gives the address, a sized one where there is one, a global one among these. */
    private static void assertNamed(ElfSymbols symbols, long address, List<Function> candidates, String preferred) {
        List<Function> sized = candidates.stream().filter(f -> f.size() > 0).toList();
        List<Function> eligible = sized.isEmpty() ? candidates : sized;
        List<Function> best =
                eligible.stream().filter(f -> f.binding().equals(preferred)).toList();
        assertThat((best.isEmpty() ? eligible : best).stream().map(Function::name))
                .as("0x%x", address)
                .contains(symbols.find(address));
    }

    /** The last byte of a function is its own, unless another begins in between. */
    private static void assertWithin(
            ElfSymbols symbols, Map<Long, List<Function>> byAddress, long last, Function function) {
        for (long at = function.address() + 1; at <= last; at++) {
            if (byAddress.containsKey(at)) {
                return;
            }
        }
        assertThat(symbols.find(last)).as("0x%x", last).isEqualTo(function.name());
    }

    @ParameterizedTest
    @MethodSource("binaries")
    void whatNoSymbolCoversHasNoName(Path path) throws Exception {
        List<Function> all = new ArrayList<>();
        functions(path).values().forEach(all::addAll);
        Random random = new Random(7);
        long limit = all.stream().mapToLong(f -> f.address() + f.size()).max().orElseThrow();
        try (ElfFile file = ElfFile.open(path)) {
            ElfSymbols symbols = ElfSymbols.of(
                    file, Path.of("/nowhere"), null, Budget.ofHeap().keep());
            for (int round = 0; round < 300; round++) {
                long address = random.nextLong(limit);
                String name = symbols.find(address);
                boolean unsizedBefore = all.stream().anyMatch(f -> f.size() == 0 && f.address() <= address);
                if (name == null) {
                    assertThat(all).noneMatch(f -> f.size() > 0 && f.holds(address));
                } else if (!name.endsWith("@plt") && !unsizedBefore) {
                    assertThat(all).anyMatch(f -> f.holds(address) && f.name().equals(name));
                }
            }
        }
    }

    private static Map<Long, List<Function>> functions(Path path) throws IOException, InterruptedException {
        Map<Long, List<Function>> byAddress = new HashMap<>();
        Tool.output("readelf", "-sW", path.toString()).lines().forEach(line -> {
            Matcher match = FUNCTION.matcher(line);
            if (match.lookingAt() && !line.contains(" UND ")) {
                long address = Long.parseUnsignedLong(match.group(1), 16);
                Function function =
                        new Function(address, Long.decode(match.group(2)), match.group(3), base(match.group(4)));
                byAddress.computeIfAbsent(address, _ -> new ArrayList<>()).add(function);
            }
        });
        return byAddress;
    }

    private static String base(String name) {
        int version = name.indexOf('@');
        return version < 0 ? name : name.substring(0, version);
    }
}
