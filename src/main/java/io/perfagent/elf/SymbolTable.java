package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of one section, decoded entry by entry without copies (ELF-64 symbol, 24 bytes):
 *
 * <pre>
 *   0 name u32 │ 4 info u8 │ 5 other u8 │ 6 section u16 │ 8 value u64 │ 16 size u64
 * </pre>
 */
public final class SymbolTable {
    private static final int ENTRY_SIZE = 24;
    private static final int SHN_UNDEF = 0;

    private final ByteBuffer entries;
    private final ByteBuffer names;

    private SymbolTable(ByteBuffer entries, ByteBuffer names) {
        this.entries = entries;
        this.names = names;
    }

    /** {@code .symtab}; null where the file is stripped of it. */
    public static @Nullable SymbolTable symtab(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_SYMTAB);
    }

    /** {@code .dynsym}; null where the file has none. */
    public static @Nullable SymbolTable dynsym(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_DYNSYM);
    }

    private static @Nullable SymbolTable ofType(ElfFile file, int type) throws IOException {
        for (Section section : file.sections()) {
            if (section.type() == type) {
                return read(file, section);
            }
        }
        return null;
    }

    private static SymbolTable read(ElfFile file, Section section) throws IOException {
        int link = section.link();
        if (link < 0 || link >= file.sections().size()) {
            throw new ElfException(section.name() + " links to section " + link);
        }
        return new SymbolTable(file.read(section), file.read(file.sections().get(link)));
    }

    public int size() {
        return entries.limit() / ENTRY_SIZE;
    }

    public boolean defined(int index) {
        return entries.getShort(index * ENTRY_SIZE + 6) != SHN_UNDEF;
    }

    public int type(int index) {
        return entries.get(index * ENTRY_SIZE + 4) & 0xf;
    }

    public boolean function(int index) {
        int type = type(index);
        return type == Symbol.STT_FUNC || type == Symbol.STT_GNU_IFUNC;
    }

    public int binding(int index) {
        return (entries.get(index * ENTRY_SIZE + 4) >> 4) & 0xf;
    }

    public long address(int index) {
        return entries.getLong(index * ENTRY_SIZE + 8);
    }

    public long symbolSize(int index) {
        return entries.getLong(index * ENTRY_SIZE + 16);
    }

    /** A byte of the name, 0 behind its end: for a look at many names without making strings. */
    public byte nameByte(int index, int at) {
        long offset = Integer.toUnsignedLong(entries.getInt(index * ENTRY_SIZE)) + at;
        return offset < names.limit() ? names.get((int) offset) : 0;
    }

    public String name(int index) {
        return ElfFile.string(names, Integer.toUnsignedLong(entries.getInt(index * ENTRY_SIZE)));
    }

    public Symbol symbol(int index) {
        return new Symbol(name(index), address(index), symbolSize(index), type(index), binding(index));
    }

    /** The first defined symbol of that name. */
    public @Nullable Symbol find(String name) {
        for (int index = 0; index < size(); index++) {
            if (defined(index) && name.equals(name(index))) {
                return symbol(index);
            }
        }
        return null;
    }
}
