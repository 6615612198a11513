package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.testing.Tool;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In musl's own {@code __clone}, as objdump shows it. */
class ThreadStartTest {
    private static final Pattern CALL =
            Pattern.compile("<__clone>:\n(?:.+\n)*? +([0-9a-f]+):.*call +\\*%r9\n +([0-9a-f]+):");

    @TempDir
    private Path directory;

    @Test
    void nobodyHasCalledWhatCallsTheThread() throws Exception {
        Files.writeString(directory.resolve("thread.c"), """
                #include <pthread.h>
                static void *run(void *nothing) { return nothing; }
                int main(void) { pthread_t thread; return pthread_create(&thread, 0, run, 0) || pthread_join(thread, 0); }
                """);
        Tool.output(List.of("musl-gcc", "-O1", "-static", "-o", "thread", "thread.c"), directory);
        Path program = directory.resolve("thread");
        Matcher call = CALL.matcher(Tool.output("objdump", "-d", "--no-show-raw-insn", program.toString()));
        assertThat(call.find()).isTrue();
        long begin = Long.parseLong(call.group(1), 16);
        long end = Long.parseLong(call.group(2), 16);
        try (ElfFile file = ElfFile.open(program)) {
            UnwindTable table = TableCompiler.compile(file, new RuleDictionary(1024));
            assertThat(rule(table, begin)).isEqualTo(TableBuilder.END_OF_STACK);
            assertThat(rule(table, end - 1)).isEqualTo(TableBuilder.END_OF_STACK);
            assertThat(rule(table, begin - 1)).isNotEqualTo(TableBuilder.END_OF_STACK);
            assertThat(rule(table, end)).isNotEqualTo(TableBuilder.END_OF_STACK);
        }
    }

    private static int rule(UnwindTable table, long address) {
        return UnwindRow.ruleOf(table.row(address));
    }
}
