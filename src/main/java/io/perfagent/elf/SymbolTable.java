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

    private static final int WINDOW_ENTRIES = 1 << 9;
    /** Of a table that is read as a whole, and of its names: less than those of any file that is, and never much of the heap. */
    private static final long MAX_WHOLE_BYTES = Runtime.getRuntime().maxMemory() / 16;

    private final @Nullable ElfFile file;
    private final Section section;
    private final Section strings;
    private final SymbolNames names;
    private final int size;
    /** The entries from number {@code first} on. */
    private ByteBuffer window;

    private int first;

    private SymbolTable(
            @Nullable ElfFile file, Section section, Section strings, ByteBuffer window, SymbolNames names) {
        this.file = file;
        this.section = section;
        this.strings = strings;
        this.window = window;
        this.names = names;
        this.size = (int) (section.size() / ENTRY_SIZE);
    }

    /** {@code .symtab}; null where the file is stripped of it. */
    public static @Nullable SymbolTable symtab(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_SYMTAB, true);
    }

    /** {@code .dynsym}; null where the file has none. */
    public static @Nullable SymbolTable dynsym(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_DYNSYM, true);
    }

    /** As {@link #symtab}, with all but a few entries left in the file, which has to stay open: for whoever goes through them in order. */
    public static @Nullable SymbolTable symtabInFile(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_SYMTAB, false);
    }

    /** As {@link #dynsym}, likewise. */
    public static @Nullable SymbolTable dynsymInFile(ElfFile file) throws IOException {
        return ofType(file, Section.SHT_DYNSYM, false);
    }

    private static @Nullable SymbolTable ofType(ElfFile file, int type, boolean whole) throws IOException {
        for (Section section : file.sections()) {
            if (section.type() == type) {
                return whole ? whole(file, section) : inFile(file, section);
            }
        }
        return null;
    }

    private static SymbolTable whole(ElfFile file, Section section) throws IOException {
        Section strings = strings(file, section);
        if (section.size() > MAX_WHOLE_BYTES || strings.size() > MAX_WHOLE_BYTES) {
            throw new TooLargeException(section.name() + " is larger than " + MAX_WHOLE_BYTES + " bytes");
        }
        return new SymbolTable(null, section, strings, file.read(section), SymbolNames.inMemory(file.read(strings)));
    }

    private static SymbolTable inFile(ElfFile file, Section section) throws IOException {
        file.requireReadable(section);
        Section strings = strings(file, section);
        return new SymbolTable(file, section, strings, ByteBuffer.allocate(0), SymbolNames.inFile(file, strings));
    }

    private static Section strings(ElfFile file, Section section) throws ElfException {
        int link = section.link();
        if (link < 0 || link >= file.sections().size()) {
            throw new ElfException(section.name() + " links to section " + link);
        }
        return file.sections().get(link);
    }

    public int size() {
        return size;
    }

    /** Where an entry is in the window, which is moved if need be. */
    private int at(int index) {
        if (index < first || index - first >= window.limit() / ENTRY_SIZE) {
            load(index);
        }
        return (index - first) * ENTRY_SIZE;
    }

    /** What the file has no more is as if it were not defined. */
    private void load(int index) {
        first = index - index % WINDOW_ENTRIES;
        try {
            window = file == null
                    ? ByteBuffer.allocate(WINDOW_ENTRIES * ENTRY_SIZE)
                    : file.read(section, (long) first * ENTRY_SIZE, WINDOW_ENTRIES * ENTRY_SIZE);
        } catch (IOException _) {
            window = ByteBuffer.allocate(WINDOW_ENTRIES * ENTRY_SIZE);
        }
    }

    public boolean defined(int index) {
        int at = at(index);
        return window.getShort(at + 6) != SHN_UNDEF;
    }

    public int type(int index) {
        int at = at(index);
        return window.get(at + 4) & 0xf;
    }

    public boolean function(int index) {
        int type = type(index);
        return type == Symbol.STT_FUNC || type == Symbol.STT_GNU_IFUNC;
    }

    public int binding(int index) {
        int at = at(index);
        return (window.get(at + 4) >> 4) & 0xf;
    }

    public long address(int index) {
        int at = at(index);
        return window.getLong(at + 8);
    }

    public long symbolSize(int index) {
        int at = at(index);
        return window.getLong(at + 16);
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
        int at = at(index);
        return Integer.toUnsignedLong(window.getInt(at));
    }

    /** Where the names are. */
    Section strings() {
        return strings;
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
