package io.perfagent.unwind;

import static io.perfagent.unwind.TestFile.CODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.UnsupportedRule;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.table.UnwindTable;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged files: they cost counted errors, and whatever table comes out is one that the kernel can search. */
class HostileFileTest {
    /** {@code make units} has more. */
    private static final int MUTATIONS = Integer.getInteger("mutations", 500);

    @Test
    void mutationsOfARealFile() throws IOException {
        byte[] image = Files.readAllBytes(RealFiles.library("ld-linux-x86-64.so.2"));
        int[] region = ehFrame(image);
        assertTimeoutPreemptively(Duration.ofMinutes(3), () -> {
            int damaged = 0;
            Random random = new Random(20_260_101);
            for (int i = 0; i < MUTATIONS; i++) {
                damaged += compileMutation(image, region, random) ? 1 : 0;
            }
            assertThat(damaged).isBetween(MUTATIONS / 4, MUTATIONS);
        });
    }

    @Test
    void everyTruncation() {
        TestFile file = new TestFile().withSectionHeaders();
        int cie = file.cie(TestFile.cieBody(1, "zPLR", 0x9b, 1, 2, 3, 4, 0x1b, 0));
        file.fde(
                cie,
                CODE,
                64,
                new CfiBytes()
                        .u8(0x41, 0x0e, 16, 0x0f, 3, 0x76, 0x78, 0x06, 0x01)
                        .number(CODE + 9, 8));
        byte[] image = file.image();
        int size = (int) file.here() - TestFile.SECTION;
        for (int length = 0; length < size; length++) {
            byte[] cut = Arrays.copyOf(image, image.length);
            Arrays.fill(cut, TestFile.SECTION + length, TestFile.SECTION + size, (byte) 0xff);
            SearchableTable.expect(compile(cut), cut.length);
            java.nio.ByteBuffer.wrap(cut)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .putLong(0x1fe00 + 64 + 32, length);
            SearchableTable.expect(compile(cut), cut.length);
        }
    }

    @Test
    void lengthBeyondTheSectionEndsIt() {
        TestFile file = new TestFile();
        file.fde(file.ordinaryCie(), CODE, 16, new CfiBytes()).raw(new CfiBytes().number(0x7fffffff, 4));
        UnwindTable table = file.compile();
        assertThat(table.errors().toString()).isEqualTo("BAD_LENGTH=1");
        assertThat(table.rows()).isNotEmpty();
    }

    @Test
    void distanceToNoCieIsCounted() {
        TestFile file = new TestFile();
        int cie = file.ordinaryCie();
        file.fde(cie + 1, CODE, 16, new CfiBytes()).fde(-1_000_000, CODE, 16, new CfiBytes());
        assertThat(file.compile().errors().toString()).isEqualTo("NO_CIE=2");
    }

    @Test
    void fileWithoutCallFrameInformation() {
        UnwindTable table = compile(Arrays.copyOf(new TestFile().image(), 0x1000));
        assertThat(table.errors().of(CfiError.UNREADABLE)).isEqualTo(1);
        assertThat(table.pageCount()).isZero();
        assertThat(table.row(CODE)).isEqualTo(UnwindRow.stop(WalkEnd.NO_RULE));
    }

    @Test
    void otherMachine() {
        byte[] image = new TestFile().image();
        image[18] = (byte) ElfFile.EM_AARCH64;
        assertThat(compile(image).errors().toString()).isEqualTo("MACHINE=1");
    }

    /** Returns whether the table has counted anything. */
    private static boolean compileMutation(byte[] original, int[] region, Random random) {
        byte[] image = original.clone();
        int changes = 1 + random.nextInt(20);
        for (int i = 0; i < changes; i++) {
            boolean header = random.nextInt(50) == 0;
            int at = header ? 64 + random.nextInt(600) : region[0] + random.nextInt(region[1]);
            image[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : image[at] ^ (1 << random.nextInt(8)));
        }
        UnwindTable table = compile(image);
        SearchableTable.expect(table, image.length);
        return table.errors().total() > 0;
    }

    private static UnwindTable compile(byte[] image) {
        try (ElfFile file = ElfFile.of(image)) {
            return TableCompiler.compile(file, new RuleDictionary(SearchableTable.DICTIONARY));
        } catch (IOException e) {
            return new TableBuilder(0, 0, Workspace.unlimited())
                    .build(new Counts<>(CfiError.values()), new Counts<>(UnsupportedRule.values()));
        }
    }

    private static int[] ehFrame(byte[] image) throws IOException {
        try (ElfFile file = ElfFile.of(image)) {
            Section section = file.section(".eh_frame");
            return new int[] {(int) section.offset(), (int) section.size()};
        }
    }
}
