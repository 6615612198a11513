package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.fuzz.SmallBinaries;
import io.perfagent.unwind.table.RuleDictionary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Call-frame information of any bytes: no exception, and a table that the kernel can search. */
public final class TableFuzzer {
    private static final int HEADERS = 0x1000;

    private TableFuzzer() {}

    /** Whole files, and the bytes of their {@code .eh_frame} alone, marked by a first byte of 0. */
    public static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] image : SmallBinaries.images()) {
            seeds.add(image);
            try (ElfFile file = ElfFile.of(image)) {
                ByteBuffer section = file.read(file.section(".eh_frame"));
                byte[] marked = new byte[section.limit() + 1];
                section.get(0, marked, 1, section.limit());
                seeds.add(marked);
            }
        }
        return seeds;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        byte[] image = input.length > 0 && input[0] == 0 ? around(input) : input;
        try (ElfFile file = ElfFile.of(image)) {
            SearchableTable.expect(
                    TableCompiler.compile(file, new RuleDictionary(SearchableTable.DICTIONARY)), image.length);
        } catch (IOException _) {
            // a file that is no ELF file says so
        }
    }

    /** A file around the section, as found through its segment. */
    private static byte[] around(byte[] input) {
        byte[] image = new TestFile().image();
        int length = Math.min(input.length - 1, image.length - TestFile.SECTION - HEADERS);
        System.arraycopy(input, 1, image, TestFile.SECTION, length);
        return image;
    }
}
