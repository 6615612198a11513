package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Placeholders compared with the FDEs that readelf prints. */
class FunctionStartsTest {
    private static final Pattern FDE = Pattern.compile(" FDE cie=\\S+ pc=([0-9a-f]+)\\.\\.([0-9a-f]+)");
    private static final Pattern SYMBOL = Pattern.compile("(?m)^([0-9a-f]+) . (\\w+)$");

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"libc.so.6", "libstdc++.so.6", "libcrypto.so.3"})
    void eachFunctionAndEachGapHasItsOwn(String library) throws Exception {
        Path path = Path.of("/usr/lib/x86_64-linux-gnu", library).toRealPath();
        NavigableMap<Long, Long> functions = functions(path);
        Random random = new Random(7);
        try (ElfFile file = ElfFile.open(path)) {
            FunctionStarts starts = FunctionStarts.of(file);
            Section text = file.section(".text");
            int gaps = 0;
            for (int round = 0; round < 20_000; round++) {
                long address = text.address() + random.nextLong(text.size());
                Map.Entry<Long, Long> before = functions.floorEntry(address);
                boolean inside = before != null && address < before.getValue();
                long expected = before == null
                        ? address
                        : inside ? before.getKey() : Math.max(before.getValue(), text.address());
                assertThat(starts.startOf(address)).as("0x%x", address).isEqualTo(expected);
                gaps += inside ? 0 : 1;
            }
            assertThat(gaps).isPositive();
        }
    }

    private static NavigableMap<Long, Long> functions(Path path) throws IOException, InterruptedException {
        NavigableMap<Long, Long> functions = new TreeMap<>();
        Matcher fde = FDE.matcher(Tool.output("sh", "-c", "readelf -W --debug-dump=frames " + path + " || true"));
        while (fde.find()) {
            functions.put(Long.parseUnsignedLong(fde.group(1), 16), Long.parseUnsignedLong(fde.group(2), 16));
        }
        return functions;
    }

    /** As the embedded built-ins of V8 are: more than a megabyte between two functions, called by the name of neither. */
    @Test
    void aLargeGapIsNotTheFunctionBeforeIt() throws Exception {
        Files.writeString(directory.resolve("gap.c"), """
                int before(int n) { return n + 1; }
                __asm__(".text\\n.globl gap\\ngap: .skip 1651482, 0x90\\nret\\n");
                int main(void) { return before(1); }
                """);
        Tool.output(List.of("gcc", "-O1", "-fno-toplevel-reorder", "-o", "gap", "gap.c"), directory);
        String symbols = Tool.output("nm", directory.resolve("gap").toString());
        long gap = address(symbols, "gap");
        try (ElfFile file = ElfFile.open(directory.resolve("gap"))) {
            FunctionStarts starts = FunctionStarts.of(file);
            long before = address(symbols, "before");
            assertThat(starts.startOf(before + 1)).isEqualTo(before);
            assertThat(starts.startOf(gap + 10))
                    .isEqualTo(starts.startOf(gap + 1_600_000))
                    .isGreaterThan(before);
            assertThat(starts.startOf(gap + 10)).isLessThanOrEqualTo(gap);
            assertThat(starts.startOf(address(symbols, "main"))).isEqualTo(address(symbols, "main"));
        }
    }

    private static long address(String symbols, String name) {
        return SYMBOL.matcher(symbols)
                .results()
                .filter(symbol -> symbol.group(2).equals(name))
                .mapToLong(symbol -> Long.parseUnsignedLong(symbol.group(1), 16))
                .findFirst()
                .orElseThrow();
    }
}
