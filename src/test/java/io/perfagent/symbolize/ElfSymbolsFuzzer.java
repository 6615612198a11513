package io.perfagent.symbolize;

import io.perfagent.elf.ElfFile;
import io.perfagent.fuzz.Printable;
import io.perfagent.fuzz.SmallBinaries;
import io.perfagent.model.Budget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Names of functions: tables of the file itself, linkage stubs, and debug information inside. The first byte says what the others are: a
 * file, or what {@code .gnu_debugdata} of one holds, compressed already or still to be compressed.
 */
public final class ElfSymbolsFuzzer {
    private static final byte COMPRESSED = 0;
    private static final byte PLAIN = 1;
    private static final int HEADER = 64;
    private static final String NAMES = "\0.gnu_debugdata\0";

    private ElfSymbolsFuzzer() {}

    public static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] image : SmallBinaries.images()) {
            seeds.add(image);
            seeds.add(marked(PLAIN, image));
        }
        seeds.add(marked(COMPRESSED, compressed(SmallBinaries.images().getFirst())));
        return seeds;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        try (ElfFile file = ElfFile.of(image(input))) {
            ElfSymbols symbols = ElfSymbols.of(file, null, Budget.ofHeap().keep());
            for (long address = 0; address < 0x8000; address += 0x200) {
                Printable.expect(symbols.find(address));
            }
            Printable.expect(symbols.find(-1));
            Printable.expect(symbols.find(Long.MIN_VALUE));
        } catch (IOException _) {
            // a file that is no ELF file says so
        }
    }

    private static byte[] image(byte[] input) throws IOException {
        if (input.length == 0 || (input[0] != COMPRESSED && input[0] != PLAIN)) {
            return input;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        return around(input[0] == PLAIN ? compressed(rest) : rest);
    }

    /** A file with three sections: none, their names, and {@code .gnu_debugdata}. */
    private static byte[] around(byte[] content) {
        byte[] names = NAMES.getBytes(StandardCharsets.US_ASCII);
        int sections = HEADER + names.length + content.length;
        ByteBuffer file = ByteBuffer.allocate(sections + 3 * HEADER).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).putShort(16, (short) ElfFile.ET_DYN);
        file.putShort(18, (short) ElfFile.EM_X86_64).putLong(40, sections);
        file.putShort(58, (short) HEADER).putShort(60, (short) 3).putShort(62, (short) 1);
        file.put(HEADER, names).put(HEADER + names.length, content);
        header(file, sections + HEADER, 0, HEADER, names.length);
        header(file, sections + 2 * HEADER, 1, HEADER + names.length, content.length);
        return file.array();
    }

    /** Of type SHT_PROGBITS. */
    private static void header(ByteBuffer file, int at, int name, int offset, int size) {
        file.putInt(at, name).putInt(at + 4, 1).putLong(at + 24, offset).putLong(at + 32, size);
    }

    private static byte[] compressed(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(LZMA2Options.DICT_SIZE_MIN);
        try (XZOutputStream xz = new XZOutputStream(out, options)) {
            xz.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] marked(byte mark, byte[] rest) {
        return ByteBuffer.allocate(rest.length + 1).put(mark).put(rest).array();
    }
}
