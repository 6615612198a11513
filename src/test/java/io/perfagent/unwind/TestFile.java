package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.model.WalkEnd;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An ELF file around a hand-made {@code .eh_frame}: one segment that holds everything, at its file offset.
 *
 * <pre>
 *   0 ELF header, program headers │ 0x200 .eh_frame_hdr │ 0x8000 .eh_frame │ 0x1fe00 section headers │ 0x20000
 * </pre>
 */
final class TestFile {
    static final int HEADER = 0x200;
    static final int SECTION = 0x8000;
    static final int END = 0x20000;
    private static final int FUNCTION = 1024;
    private static final int PUSH_MOV = 0xe5894855;
    static final int CODE = 0x1000;

    private static final int SECTION_HEADERS = 0x1fe00;
    private static final int NAMES = 0x1fd00;

    final RuleDictionary dictionary;
    private final CfiBytes section = new CfiBytes();
    private boolean withSectionHeaders;
    private long entry;
    private int end = END;
    private final List<int[]> framed = new ArrayList<>();

    TestFile() {
        this(new RuleDictionary(100));
    }

    TestFile(RuleDictionary dictionary) {
        this.dictionary = dictionary;
    }

    TestFile withSectionHeaders() {
        withSectionHeaders = true;
        return this;
    }

    TestFile entry(long address) {
        entry = address;
        return this;
    }

    /** Makes it larger than {@link #END}. */
    TestFile end(int address) {
        end = address;
        return this;
    }

    /** The code from one address to another keeps a frame pointer in each function, as that of V8 does. */
    TestFile framePointers(int from, int to) {
        framed.add(new int[] {from, to});
        return this;
    }

    /** ELF address of the next byte of the section. */
    long here() {
        return (long) SECTION + section.size();
    }

    TestFile raw(CfiBytes bytes) {
        section.add(bytes);
        return this;
    }

    /** Adds a CIE and returns its position. */
    int cie(CfiBytes body) {
        int position = section.size();
        section.number(4 + body.size(), 4).number(0, 4).add(body);
        return position;
    }

    /** Absolute 8-byte addresses, CFA = rsp + 8, return address at CFA − 8. */
    int ordinaryCie() {
        return cie(cieBody(1, "zR", 0x00));
    }

    static CfiBytes cieBody(int version, String augmentation, int... data) {
        CfiBytes body = new CfiBytes().u8(version).text(augmentation);
        body.uleb(1).sleb(-8).u8(16).uleb(data.length).u8(data);
        return body.add(initial());
    }

    static CfiBytes initial() {
        return new CfiBytes().u8(0x0c, 7, 8, 0x90, 1);
    }

    /** An FDE with 8-byte addresses and no augmentation data. */
    TestFile fde(int cie, long start, long size, CfiBytes instructions) {
        CfiBytes body = new CfiBytes().number(start, 8).number(size, 8).uleb(0).add(instructions);
        return fdeBody(cie, body);
    }

    TestFile fdeBody(int cie, CfiBytes body) {
        int identifier = section.size() + 4;
        section.number(4 + body.size(), 4).number(identifier - cie, 4).add(body);
        return this;
    }

    UnwindTable compile() {
        try (ElfFile file = ElfFile.of(image())) {
            return TableCompiler.compile(file, dictionary);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    UnwindRule rule(UnwindTable table, long address) {
        return new RowDecoder(dictionary).decode(table.row(address));
    }

    static UnwindRule rsp(int offset) {
        return frame(new CfaRule.RegisterOffset(Registers.RSP, offset));
    }

    static UnwindRule frame(CfaRule cfa) {
        return new UnwindRule.Frame(cfa, new SavedRegister.Unchanged(), new SavedRegister.Unchanged(), -8);
    }

    static UnwindRule stop(WalkEnd end) {
        return new UnwindRule.Stop(end);
    }

    byte[] image() {
        ByteBuffer image = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] range : framed) {
            for (int at = range[0]; at < range[1] - Integer.BYTES; at += FUNCTION) {
                image.putInt(at, PUSH_MOV);
            }
        }
        image.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).putShort(16, (short) ElfFile.ET_DYN);
        image.putShort(18, (short) ElfFile.EM_X86_64).putLong(24, entry).putLong(32, 64);
        image.putShort(54, (short) 56).putShort(56, (short) 2);
        programHeader(image, 64, 1, 0, end);
        programHeader(image, 120, 0x6474e550, HEADER, 12);
        image.put(HEADER, new byte[] {1, 0x03, (byte) 0xff, (byte) 0xff}).putInt(HEADER + 4, SECTION);
        image.put(SECTION, section.toArray());
        if (withSectionHeaders) {
            sectionHeaders(image);
        }
        return image.array();
    }

    private static void programHeader(ByteBuffer image, int at, int type, int offset, int size) {
        image.putInt(at, type).putInt(at + 4, 5).putLong(at + 8, offset).putLong(at + 16, offset);
        image.putLong(at + 32, size).putLong(at + 40, size);
    }

    private void sectionHeaders(ByteBuffer image) {
        image.putLong(40, SECTION_HEADERS).putShort(58, (short) 64).putShort(60, (short) 3);
        image.putShort(62, (short) 2).put(NAMES, "\0.eh_frame\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        sectionHeader(image, SECTION_HEADERS + 64, 1, SECTION, section.size());
        sectionHeader(image, SECTION_HEADERS + 128, 0, NAMES, 11);
    }

    private static void sectionHeader(ByteBuffer image, int at, int name, int offset, int size) {
        image.putInt(at, name)
                .putInt(at + 4, 1)
                .putLong(at + 16, offset)
                .putLong(at + 24, offset)
                .putLong(at + 32, size);
    }
}
