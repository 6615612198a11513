package io.perfagent.elf;

/**
 * A section header (ELF-64, gABI chapter 4).
 *
 * @param name from the section name table, {@code ""} where unreadable
 * @param type SHT_…
 * @param flags SHF_…
 * @param address ELF address, 0 where not loaded
 * @param offset in the file
 * @param size bytes
 * @param link index of a related section
 * @param entrySize of a table's entry, bytes
 */
public record Section(
        String name, int type, long flags, long address, long offset, long size, int link, long entrySize) {
    public static final int SHT_PROGBITS = 1;
    public static final int SHT_SYMTAB = 2;
    public static final int SHT_STRTAB = 3;
    public static final int SHT_NOBITS = 8;
    public static final int SHT_DYNSYM = 11;
    public static final long SHF_ALLOC = 2;
    public static final long SHF_EXECINSTR = 4;
    public static final long SHF_COMPRESSED = 0x800;

    public boolean executable() {
        return (flags & SHF_EXECINSTR) != 0;
    }

    /** Whether an ELF address lies in it. */
    public boolean contains(long elfAddress) {
        return elfAddress >= address && elfAddress - address < size;
    }
}
