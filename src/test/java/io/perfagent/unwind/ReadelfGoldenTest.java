package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every row of every FDE of real files, compared with what readelf makes of them. */
class ReadelfGoldenTest {
    private final RuleDictionary dictionary = new RuleDictionary(43_690);

    @Test
    void libc() throws IOException {
        assertThat(compare(RealFiles.library("libc.so.6"))).isGreaterThan(10_000);
    }

    @Test
    void dynamicLinker() throws IOException {
        assertThat(compare(RealFiles.library("ld-linux-x86-64.so.2"))).isGreaterThan(1_000);
    }

    @Test
    void libstdcxx() throws IOException {
        assertThat(compare(RealFiles.library("libstdc++.so.6"))).isGreaterThan(10_000);
    }

    @Test
    void libgcc() throws IOException {
        assertThat(compare(RealFiles.library("libgcc_s.so.1"))).isGreaterThan(500);
    }

    /** Assembler by hand, with the CFA in stack slots. */
    @Test
    void libcrypto() throws IOException {
        assertThat(compare(RealFiles.library("libcrypto.so.3"))).isGreaterThan(10_000);
    }

    @Test
    void python() throws IOException {
        assertThat(compare(RealFiles.python())).isGreaterThan(20_000);
    }

    @Test
    @Tag("long")
    void jvm() throws IOException {
        assertThat(compare(RealFiles.jvm())).isGreaterThan(100_000);
    }

    @Test
    void vdso(@TempDir Path directory) throws IOException {
        assertThat(compare(RealFiles.vdso(directory))).isGreaterThan(10);
    }

    /** Through PT_GNU_EH_FRAME, where the section headers are stripped off. */
    @Test
    void withoutSectionHeaders() throws IOException {
        Path path = RealFiles.library("libstdc++.so.6");
        byte[] image = Files.readAllBytes(path);
        Arrays.fill(image, 40, 48, (byte) 0); // e_shoff
        try (ElfFile stripped = ElfFile.of(image)) {
            assertThat(stripped.sections()).isEmpty();
            assertThat(new GoldenComparison(path, dictionary)
                            .compare(TableCompiler.compile(stripped, dictionary))
                            .differences())
                    .isEmpty();
        }
    }

    /** The comparison fails when it must: any bit of any short row. */
    @Test
    void oneChangedBitIsNoticed() throws IOException {
        Path path = RealFiles.library("ld-linux-x86-64.so.2");
        UnwindTable table = compile(path);
        GoldenComparison comparison = new GoldenComparison(path, dictionary);
        for (int row = 0; row < table.rows().length; row += 97) {
            int bit = 1 << row % 18;
            table.rows()[row] ^= bit;
            assertThat(comparison.compare(table).differences())
                    .as("row %d", row)
                    .isNotEmpty();
            table.rows()[row] ^= bit;
        }
        assertThat(comparison.compare(table).differences()).isEmpty();
    }

    @Test
    void compiledByGcc(@TempDir Path directory) throws Exception {
        Path program = RealFiles.compiled("gcc", directory);
        assertThat(compare(program)).isGreaterThan(50);
        RowDecoder decoder = new RowDecoder(dictionary);
        assertThat(Arrays.stream(compile(program).rows())
                        .mapToObj(decoder::decode)
                        .filter(ReadelfGoldenTest::isRealigned))
                .isNotEmpty();
    }

    @Test
    void compiledByClang(@TempDir Path directory) throws Exception {
        assertThat(compare(RealFiles.compiled("clang", directory))).isGreaterThan(50);
    }

    private static boolean isRealigned(UnwindRule rule) {
        return rule instanceof UnwindRule.Frame frame
                && frame.cfa().equals(new CfaRule.Dereference(Registers.RBP, -8, 0))
                && frame.rbp().equals(new SavedRegister.AtRbp(0));
    }

    /** Returns how many rows were compared. */
    private int compare(Path path) throws IOException {
        GoldenComparison comparison = new GoldenComparison(path, dictionary);
        UnwindTable table = compile(path);
        GoldenComparison.Result result = comparison.compare(table);
        int words = table.rows().length + table.pageIndex().length;
        System.out.printf(
                "golden file=%s fdes=%d rows_compared=%d differing=%d bytes_per_row=%.2f dictionary=%d unsupported=[%s] errors=[%s]%n",
                path.getFileName(),
                comparison.fdes(),
                result.compared(),
                result.differences().size(),
                4.0 * words / table.cfiRows(),
                dictionary.size(),
                table.unsupported(),
                table.errors());
        assertThat(result.differences()).isEmpty();
        assertThat(table.errors().total()).isZero();
        return result.compared();
    }

    private UnwindTable compile(Path path) throws IOException {
        try (ElfFile file = ElfFile.open(path)) {
            return TableCompiler.compile(file, dictionary);
        }
    }
}
