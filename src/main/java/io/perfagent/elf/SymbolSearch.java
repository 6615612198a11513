package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds one symbol of a file that may have hundreds of thousands: by the hash table of the dynamic ones, which takes a few reads, and among
 * all others by where their names lie.
 *
 * <pre>
 *   .gnu.hash:  buckets u32 │ first symbol u32 │ bloom words u32 │ shift u32 │ bloom u64 … │ bucket u32 … │ chain u32 …
 * </pre>
 */
public final class SymbolSearch {
    private static final String HASH_TABLE = ".gnu.hash";
    private static final int HASH_HEADER = 16;
    private static final int LONGEST_CHAIN = 1 << 10;
    /** Four times the names that LLVM has. */
    private static final long MOST_NAMES_BYTES = 1 << 26;

    private static final int PIECE = 1 << 16;
    /** One name may be the end of another, and a hostile file repeat it. */
    private static final int MOST_PLACES = 16;

    private final ElfFile file;
    private final byte[] name;

    private SymbolSearch(ElfFile file, String name) {
        this.file = file;
        this.name = (name + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    /** The first defined symbol of that name; null where there is none. */
    public static @Nullable Symbol find(ElfFile file, String name) throws IOException {
        Symbol exported = findExported(file, name);
        return exported != null ? exported : new SymbolSearch(file, name).byPlace(SymbolTable.symtabInFile(file));
    }

    /** The same among those that other files may use, which takes a few reads only. */
    public static @Nullable Symbol findExported(ElfFile file, String name) throws IOException {
        return new SymbolSearch(file, name).byHash(SymbolTable.dynsymInFile(file), name);
    }

    private @Nullable Symbol byHash(@Nullable SymbolTable symbols, String wanted) throws IOException {
        Section table = file.section(HASH_TABLE);
        if (symbols == null || table == null || table.size() < HASH_HEADER) {
            return null;
        }
        ByteBuffer header = file.read(table, 0, HASH_HEADER);
        long buckets = Integer.toUnsignedLong(header.getInt(0));
        long first = Integer.toUnsignedLong(header.getInt(4));
        long bucketsAt = HASH_HEADER + 8 * Integer.toUnsignedLong(header.getInt(8));
        long hash = hash(wanted);
        long index = buckets == 0 ? 0 : number(table, bucketsAt + 4 * (hash % buckets));
        long chainAt = bucketsAt + 4 * buckets;
        for (int steps = 0; index >= first && index < symbols.size() && steps < LONGEST_CHAIN; steps++, index++) {
            long link = number(table, chainAt + 4 * (index - first));
            boolean same = (link | 1) == (hash | 1);
            if (same && symbols.defined((int) index) && wanted.equals(symbols.name((int) index))) {
                return symbols.symbol((int) index);
            }
            if ((link & 1) == 1) {
                return null;
            }
        }
        return null;
    }

    /** As the linker hashes names: h = 33h + byte, from 5381 on. */
    private static long hash(String name) {
        int hash = 5381;
        for (int i = 0; i < name.length(); i++) {
            hash = hash * 33 + name.charAt(i);
        }
        return Integer.toUnsignedLong(hash);
    }

    private long number(Section table, long offset) throws IOException {
        ByteBuffer bytes = file.read(table, offset, 4);
        if (bytes.limit() < 4) {
            throw new ElfException(table.name() + " ends before " + offset);
        }
        return Integer.toUnsignedLong(bytes.getInt(0));
    }

    private @Nullable Symbol byPlace(@Nullable SymbolTable symbols) throws IOException {
        Set<Long> places = symbols == null ? Set.of() : places(symbols.strings());
        for (int index = 0; symbols != null && !places.isEmpty() && index < symbols.size(); index++) {
            if (places.contains(symbols.nameOffset(index)) && symbols.defined(index)) {
                return symbols.symbol(index);
            }
        }
        return null;
    }

    /** Offsets of the name in a table of strings: of the name as a whole, or as the end of another. */
    private Set<Long> places(Section strings) throws IOException {
        Set<Long> found = new HashSet<>();
        long end = Math.min(strings.size(), MOST_NAMES_BYTES);
        for (long at = 0; at < end && found.size() < MOST_PLACES; at += PIECE) {
            ByteBuffer piece = file.read(strings, at, PIECE + name.length - 1);
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            for (int from = 0; from <= bytes.length - name.length; from++) {
                if (bytes[from] == name[0] && isAt(bytes, from)) {
                    found.add(at + from);
                }
            }
        }
        return found;
    }

    private boolean isAt(byte[] bytes, int from) {
        for (int i = 0; i < name.length; i++) {
            if (bytes[from + i] != name[i]) {
                return false;
            }
        }
        return true;
    }
}
