package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.KeptFrames;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs without any call-frame information, as Bun and Deno are. */
class ProgramWithoutTableTest {
    private static final int FUNCTIONS = 150;
    private static final int PAGE = 4096;

    @TempDir
    private Path directory;

    /** The kernel jumps there: nobody has called. */
    @Test
    void stacksEndAtTheEntry() throws Exception {
        try (ElfFile file = ElfFile.open(build("-fno-omit-frame-pointer"))) {
            UnwindTable table = TableCompiler.compile(file, new RuleDictionary(10));
            long entry = file.entry();
            assertThat(UnwindRow.ruleOf(table.row(entry))).isEqualTo(UnwindRow.stop(WalkEnd.END_OF_STACK));
            assertThat(UnwindRow.ruleOf(table.row(entry + 63))).isEqualTo(UnwindRow.stop(WalkEnd.END_OF_STACK));
            assertThat(UnwindRow.ruleOf(table.row(entry + 64))).isEqualTo(UnwindRow.stop(WalkEnd.NO_TABLE));
            assertThat(UnwindRow.ruleOf(table.row(entry & -PAGE))).isEqualTo(UnwindRow.stop(WalkEnd.NO_TABLE));
            assertThat(table.outside()).isEqualTo(WalkEnd.NO_TABLE);
        }
    }

    @Test
    void theirCallsShowWhetherTheyKeepFramePointers() throws Exception {
        assertThat(keepsFramePointers("-fno-omit-frame-pointer")).isTrue();
        assertThat(keepsFramePointers("-fno-omit-frame-pointer", "-fcf-protection=full"))
                .isTrue();
        assertThat(keepsFramePointers("-fomit-frame-pointer")).isFalse();
    }

    private boolean keepsFramePointers(String... options) throws Exception {
        try (ElfFile file = ElfFile.open(build(options))) {
            return TableCompiler.compile(file, new RuleDictionary(10)).keptFrames() == KeptFrames.ALL;
        }
    }

    /** Each function calls the one before; the first page has none of them, and code follows behind the last. */
    private Path build(String... options) throws Exception {
        StringBuilder source = new StringBuilder("__asm__(\".skip 5000, 0x90\");\nint f0(int n) { return n; }\n");
        for (int i = 1; i <= FUNCTIONS; i++) {
            source.append("__attribute__((noinline, noclone)) int f%d(int n) { return 1 + f%d(n + 1); }%n"
                    .formatted(i, i - 1));
        }
        source.append("void _start(void) { for (;;) f").append(FUNCTIONS).append("(1); }\n");
        source.append("__asm__(\".text\\n.skip 200, 0x90\");\n");
        Files.writeString(directory.resolve("program.c"), source);
        List<String> command = new ArrayList<>(List.of(
                "gcc",
                "-O1",
                "-nostdlib",
                "-static",
                "-fno-asynchronous-unwind-tables",
                "-fno-toplevel-reorder",
                "-Wl,--build-id=none"));
        command.addAll(List.of(options));
        command.addAll(List.of("-o", "program", "program.c"));
        Tool.output(command, directory);
        return directory.resolve("program");
    }
}
