package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An ELF file around a hand-made Go function table: one segment that holds everything, at its file offset.
 *
 * <pre>
 *   0 ELF header, program header │ 0x1000 code │ 0x8000 .gopclntab │ 0xfe00 section headers │ 0x10000
 * </pre>
 */
final class GoTestFile {
    static final int CODE = 0x1000;
    static final int TABLE = 0x8000;
    static final int END = 0x10000;

    private static final int NAMES = 0xfd00;
    private static final int SECTION_HEADERS = 0xfe00;
    private static final String SECTION_NAMES = "\0.gopclntab\0";
    private static final int FUNCTION_BYTES = 48;
    /** Of the last function. */
    private static final int LAST_BYTES = 64;

    final RuleDictionary dictionary = new RuleDictionary(SearchableTable.DICTIONARY);
    private final PclntabVersion version;
    private final List<Function> functions = new ArrayList<>();
    private final byte[] code = new byte[TABLE - CODE];
    private long headerText = CODE;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Function(int entry, String name, int flags, byte[] pcsp) {}

    GoTestFile(PclntabVersion version) {
        this.version = version;
    }

    /** A function at an offset from the code's beginning; pcsp without its last 0, none for a function in C. */
    GoTestFile function(int entry, String name, int flags, int... pcsp) {
        byte[] deltas = new byte[pcsp.length];
        for (int i = 0; i < pcsp.length; i++) {
            deltas[i] = (byte) pcsp[i];
        }
        functions.add(new Function(entry, name, flags, deltas));
        return this;
    }

    GoTestFile code(int offset, String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        System.arraycopy(bytes, 0, code, offset, bytes.length);
        return this;
    }

    /** What the header says of where the code begins. */
    GoTestFile headerText(long address) {
        headerText = address;
        return this;
    }

    UnwindTable compile() {
        return compile(table());
    }

    UnwindTable compile(byte[] table) {
        try (ElfFile file = ElfFile.of(image(table))) {
            return TableCompiler.compile(file, dictionary);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    UnwindRule rule(UnwindTable table, int offset) {
        return new RowDecoder(dictionary).decode(table.row(CODE + offset));
    }

    /**
     * The bytes of the section.
     *
     * <pre>
     *   Go 1.2     header │ functab │ functions │ pctab │ names        offsets count from the header
     *   Go 1.16    header │ names │ pctab │ functab │ functions        offsets count from the part
     * </pre>
     */
    byte[] table() {
        boolean old = version == PclntabVersion.GO_1_2;
        int functabBytes = version.entryBytes() * (2 * functions.size() + 1);
        int functionBytes = FUNCTION_BYTES * functions.size();
        int pctabBytes = 1 + functions.stream().mapToInt(f -> f.pcsp.length + 1).sum();
        int nameBytes = functions.stream().mapToInt(f -> f.name.length() + 1).sum();
        int functab = old ? 16 : PclntabVersion.HEADER_BYTES + nameBytes + pctabBytes;
        int pctab = old ? functab + functabBytes + functionBytes : PclntabVersion.HEADER_BYTES + nameBytes;
        int names = old ? pctab + pctabBytes : PclntabVersion.HEADER_BYTES;
        int size = PclntabVersion.HEADER_BYTES + functabBytes + functionBytes + pctabBytes + nameBytes;
        ByteBuffer table = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        header(table, names, pctab, functab);
        writeFunctions(table, functab, names, pctab, old);
        return table.array();
    }

    private void header(ByteBuffer table, int names, int pctab, int functab) {
        table.putInt(0, magic()).putInt(4, 0x08010000).putLong(PclntabVersion.FUNCTIONS, functions.size());
        switch (version) {
            case GO_1_2 -> {}
            case GO_1_16 -> table.putLong(24, names).putLong(48, pctab).putLong(56, functab);
            case GO_1_18, GO_1_20 ->
                table.putLong(24, headerText)
                        .putLong(32, names)
                        .putLong(56, pctab)
                        .putLong(64, functab);
        }
    }

    private int magic() {
        return switch (version) {
            case GO_1_2 -> 0xfffffffb;
            case GO_1_16 -> 0xfffffffa;
            case GO_1_18 -> 0xfffffff0;
            case GO_1_20 -> 0xfffffff1;
        };
    }

    /** In a function; the oldest version has none, and something else there. */
    private int flagsAt() {
        return switch (version) {
            case GO_1_2 -> 44;
            case GO_1_18 -> 37;
            case GO_1_16, GO_1_20 -> 41;
        };
    }

    private void writeFunctions(ByteBuffer table, int functab, int names, int pctab, boolean old) {
        int width = version.entryBytes();
        int record = functab + width * (2 * functions.size() + 1);
        int name = names;
        int deltas = pctab + 1;
        for (int i = 0; i < functions.size(); i++) {
            Function function = functions.get(i);
            number(table, functab + 2 * i * width, entry(function.entry));
            number(table, functab + (2 * i + 1) * width, record - (old ? 0 : functab));
            table.putInt(record + width, name - (old ? 0 : names));
            table.putInt(record + width + 12, function.pcsp.length == 0 ? 0 : deltas - (old ? 0 : pctab));
            table.put(record + flagsAt(), (byte) function.flags);
            table.put(name, function.name.getBytes(StandardCharsets.US_ASCII));
            table.put(deltas, function.pcsp);
            record += FUNCTION_BYTES;
            name += function.name.length() + 1;
            deltas += function.pcsp.length + 1;
        }
        number(table, functab + 2 * functions.size() * width, entry(functions.getLast().entry + LAST_BYTES));
    }

    private long entry(int offset) {
        return (long) offset + (version.relative() ? 0 : CODE);
    }

    private void number(ByteBuffer table, int at, long value) {
        if (version.entryBytes() == Integer.BYTES) {
            table.putInt(at, (int) value);
        } else {
            table.putLong(at, value);
        }
    }

    private byte[] image(byte[] table) {
        ByteBuffer image = ByteBuffer.allocate(END).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).putShort(16, (short) ElfFile.ET_DYN);
        image.putShort(18, (short) ElfFile.EM_X86_64).putLong(32, 64);
        image.putShort(54, (short) 56).putShort(56, (short) 1);
        image.putInt(64, 1).putInt(68, 5).putLong(96, END).putLong(104, END);
        image.put(CODE, code);
        image.put(TABLE, table, 0, Math.min(table.length, NAMES - TABLE));
        image.putLong(40, SECTION_HEADERS).putShort(58, (short) 64).putShort(60, (short) 3);
        image.putShort(62, (short) 2).put(NAMES, SECTION_NAMES.getBytes(StandardCharsets.US_ASCII));
        sectionHeader(image, SECTION_HEADERS + 64, 1, TABLE, Math.min(table.length, NAMES - TABLE));
        sectionHeader(image, SECTION_HEADERS + 128, 0, NAMES, SECTION_NAMES.length());
        return image.array();
    }

    private static void sectionHeader(ByteBuffer image, int at, int name, int offset, int size) {
        image.putInt(at, name).putInt(at + 4, 1);
        image.putLong(at + 16, offset).putLong(at + 24, offset).putLong(at + 32, size);
    }
}
