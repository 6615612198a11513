package io.perfagent.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.Mapping;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.unwind.TableCompiler;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of the virtual machine that runs this: its own library is large, the others are not. */
class TablesAheadTest {
    private static final int PENDING = UnwindRow.stop(WalkEnd.TABLE_PENDING);
    private static final int ADDRESSES = 2_000;

    private final ElfSource source = new TargetBinaries();
    private final RuleDictionary dictionary = new RuleDictionary(16_384);
    private final TablesAhead ahead = new TablesAhead(source, dictionary);
    private final Image image = new ProcessTable(ProcessTable.Scope.ALL)
            .add((int) ProcessHandle.current().pid());

    @BeforeEach
    void read() throws Exception {
        new ProcessTable(ProcessTable.Scope.ALL).read(image);
    }

    @AfterEach
    void close() {
        ahead.close();
    }

    @Test
    void whatIsPendingHasTheRowsOfItsTable() throws Exception {
        Mapping large = mapping("libjvm.so");
        CodeRows rows = ahead.rows(image, _ -> PENDING);
        Random random = new Random(4711);
        int described = 0;
        try (ElfFile file = source.open(image.pid(), large)) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            long bias = large.start() - file.addressOfOffset(large.fileOffset());
            for (int i = 0; i < ADDRESSES; i++) {
                long address = random.nextLong(large.start(), large.end());
                int row = rows.row(address);
                if (row != TableBuilder.NO_TABLE) {
                    assertThat(row).isEqualTo(UnwindRow.ruleOf(table.row(address - bias)));
                    described++;
                }
            }
        }
        assertThat(described).isGreaterThan(ADDRESSES * 9 / 10);
    }

    @Test
    void smallFilesAndWhatIsNoFileStayPending() {
        CodeRows rows = ahead.rows(image, _ -> PENDING);
        assertThat(rows.row(mapping("libc.so.6").start() + 64)).isEqualTo(PENDING);
        assertThat(rows.row(4096)).isEqualTo(PENDING);
    }

    @Test
    void tablesThatAreThereAreAskedFirst() {
        CodeRows rows = ahead.rows(image, _ -> TableBuilder.END_OF_STACK);
        assertThat(rows.row(mapping("libjvm.so").start() + 64)).isEqualTo(TableBuilder.END_OF_STACK);
    }

    private Mapping mapping(String file) {
        return image.code().stream()
                .filter(mapping -> mapping.path().endsWith("/" + file))
                .findFirst()
                .orElseThrow();
    }
}
