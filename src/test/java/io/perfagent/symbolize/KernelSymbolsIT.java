package io.perfagent.symbolize;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Compared with the running kernel's own list, read line by line, but for BPF programs, which come and go meanwhile. Needs the privilege to see
 * its addresses.
 */
class KernelSymbolsIT {
    @Test
    void everyTextSymbolOfTheRunningKernelIsFound() throws Exception {
        KernelSymbols symbols = KernelSymbols.read();
        TreeMap<Long, Set<String>> expected = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc/kallsyms"))) {
            String[] fields = line.split("[ \t]", 4);
            if ("tTwW".contains(fields[1]) && !line.endsWith("[bpf]")) {
                String name = fields.length == 4 ? fields[2] + " " + fields[3] : fields[2];
                expected.computeIfAbsent(Long.parseUnsignedLong(fields[0], 16), _ -> new HashSet<>())
                        .add(name);
            }
        }
        assertThat(symbols.hidden()).isFalse();
        assertThat(expected).hasSizeGreaterThan(10_000);
        for (Map.Entry<Long, Set<String>> entry : expected.entrySet()) {
            assertThat(entry.getValue()).contains(symbols.find(entry.getKey()));
        }
    }
}
