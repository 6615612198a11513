package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The module of greenlet as Debian builds it, and what nm says of it. */
class GreenletStartIT {
    private static final Path PACKAGE = Path.of(
            "target", "interpreters", "debian-sid", "root", "usr", "lib", "python3", "dist-packages", "greenlet");
    private static final UnwindRule END = new UnwindRule.Stop(WalkEnd.END_OF_STACK);

    @Test
    void stacksEndInTheFunctionThatRunsFirst() throws Exception {
        Path module = module();
        List<String> symbols = Tool.output(
                        "nm", "-D", "-S", module.toAbsolutePath().toString())
                .lines()
                .toList();
        int first = 0;
        int others = 0;
        try (ElfFile file = ElfFile.open(module)) {
            RuleDictionary dictionary = new RuleDictionary(1000);
            UnwindTable table = TableCompiler.compile(file, dictionary);
            RowDecoder rules = new RowDecoder(dictionary);
            for (String symbol : symbols) {
                String[] words = symbol.strip().split(" ", -1);
                if (words.length == 4 && words[2].equals("T")) {
                    long start = Long.parseLong(words[0], 16);
                    long last = start + Long.parseLong(words[1], 16) - 1;
                    boolean bootstrap = words[3].contains("inner_bootstrap");
                    assertThat(rules.decode(table.row(start)).equals(END))
                            .as(symbol)
                            .isEqualTo(bootstrap);
                    assertThat(rules.decode(table.row(last)).equals(END))
                            .as(symbol)
                            .isEqualTo(bootstrap);
                    first += bootstrap ? 1 : 0;
                    others += bootstrap ? 0 : 1;
                }
            }
        }
        assertThat(first).isEqualTo(1);
        assertThat(others).isGreaterThan(20);
    }

    @Test
    void otherFilesHaveNone() throws Exception {
        for (String other : List.of("/bin/true", "/lib/x86_64-linux-gnu/libc.so.6")) {
            try (ElfFile file = ElfFile.open(Path.of(other))) {
                assertThat(GreenletStart.of(file)).isEmpty();
            }
        }
    }

    private static Path module() throws Exception {
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(PACKAGE, "_greenlet.*.so")) {
            return modules.iterator().next();
        }
    }
}
