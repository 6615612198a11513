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
    private final SymbolNames names;

    private SymbolTable(ByteBuffer entries, SymbolNames names) {
        this.entries = entries;
        this.names = names;
    }

    /** {@code .symtab}; null where the file is stripped of it. */
    public static @Nullable SymbolTable symtab(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_SYMTAB, true);
    }

    /** {@code .dynsym}; null where the file has none. */
    public static @Nullable SymbolTable dynsym(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_DYNSYM, true);
    }

    /** As {@link #symtab}, with the names left in the file, which has to stay open. */
    public static @Nullable SymbolTable symtabInFile(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_SYMTAB, false);
    }

    /** As {@link #dynsym}, with the names left in the file, which has to stay open. */
    public static @Nullable SymbolTable dynsymInFile(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_DYNSYM, false);
    }

    private static @Nullable SymbolTable ofType(ElfFile file, int type, boolean names) throws IOException {
        for (Section section : file.sections()) {
            if (section.type() == type) {
                return read(file, section, names);
            }
        }
        return null;
    }

    private static SymbolTable read(ElfFile file, Section section, boolean names) throws IOException {
        int link = section.link();
        if (link < 0 || link >= file.sections().size()) {
            throw new ElfException(section.name() + " links to section " + link);
        }
        Section strings = file.sections().get(link);
        return new SymbolTable(
                file.read(section),
                names ? SymbolNames.inMemory(file.read(strings)) : SymbolNames.inFile(file, strings));
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
        return names.byteAt(nameOffset(index) + at);
    }

    public String name(int index) {
        return names.at(nameOffset(index));
    }

    /** Whether it has a name, as far as can be told without reading it. */
    public boolean named(int index) {
        return names.mayBeAt(nameOffset(index));
    }

    /** Where its name is in {@link #names}. */
    public long nameOffset(int index) {
        return Integer.toUnsignedLong(entries.getInt(index * ENTRY_SIZE));
    }

    /** The names, which can be kept without the table. */
    public SymbolNames names() {
        return names;
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
