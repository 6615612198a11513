package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rule of an address, before there is a table, is the one that the table will have. */
class RulesAheadTest {
    /** Of the virtual machine that runs this. */
    private static final Path LARGE = Path.of(System.getProperty("java.home"), "lib/server/libjvm.so");

    private static final Path SMALL = Path.of(System.getProperty("java.home"), "lib/libjava.so");
    private static final int ADDRESSES = 20_000;
    private static final int RULES = 16_384;

    @Test
    void isThatOfTheTable() throws Exception {
        RuleDictionary dictionary = new RuleDictionary(RULES);
        try (ElfFile file = ElfFile.open(LARGE);
                RulesAhead ahead = Objects.requireNonNull(RulesAhead.of(ElfFile.open(LARGE), dictionary))) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            long first = table.firstPage() << 12;
            Random random = new Random(4711);
            int described = 0;
            for (int i = 0; i < ADDRESSES; i++) {
                long address = first + random.nextLong((long) table.pageCount() << 12);
                int row = ahead.row(address);
                if (row != TableBuilder.NO_TABLE) {
                    assertThat(row).as("%x", address).isEqualTo(UnwindRow.ruleOf(table.row(address)));
                    assertThat(ahead.row(address)).as("again").isEqualTo(row);
                    described++;
                }
            }
            assertThat(described).isGreaterThan(ADDRESSES * 9 / 10);
        }
    }

    @Test
    void codeWithoutAnEntryHasNone() throws Exception {
        try (RulesAhead ahead = Objects.requireNonNull(RulesAhead.of(ElfFile.open(LARGE), new RuleDictionary(RULES)))) {
            assertThat(ahead.row(0)).isEqualTo(TableBuilder.NO_TABLE);
            assertThat(ahead.row(Long.MAX_VALUE)).isEqualTo(TableBuilder.NO_TABLE);
        }
    }

    @Test
    void smallFilesHaveTheirTablesSoon() throws Exception {
        assertThat(RulesAhead.of(ElfFile.open(SMALL), new RuleDictionary(RULES)))
                .isNull();
    }
}
