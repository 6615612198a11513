package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The names in the dynamic section of a program or library (gABI chapter 5, "Dynamic Section"): pairs of a tag and a value, ended by
 * tag 0.
 *
 * @param soname what a library calls itself; {@code ""} where there is none
 * @param needed what the libraries that it is linked with call themselves
 */
public record DynamicNames(String soname, List<String> needed) {
    /** Of a file that is linked statically. */
    public static final DynamicNames NONE = new DynamicNames("", List.of());

    private static final int ENTRY = 16;
    private static final long DT_NULL = 0;
    private static final long DT_NEEDED = 1;
    private static final long DT_STRTAB = 5;
    private static final long DT_STRSZ = 10;
    private static final long DT_SONAME = 14;
    private static final long MAX_NAMES = 1 << 24;
    static final int MOST_VALUES = 1024;

    /** Reads the names of a file; none of one that is linked statically. */
    public static DynamicNames of(ElfFile file) throws IOException {
        Segment dynamic = file.segment(Segment.PT_DYNAMIC);
        if (dynamic == null) {
            return NONE;
        }
        ByteBuffer entries = file.read(dynamic);
        List<Long> sizes = values(entries, DT_STRSZ);
        List<Long> tables = values(entries, DT_STRTAB);
        if (sizes.isEmpty() || tables.isEmpty() || sizes.getFirst() < 0 || sizes.getFirst() > MAX_NAMES) {
            return NONE;
        }
        ByteBuffer strings = file.readAddress(tables.getFirst(), sizes.getFirst());
        List<String> sonames = names(strings, values(entries, DT_SONAME));
        return new DynamicNames(
                sonames.isEmpty() ? "" : sonames.getFirst(), names(strings, values(entries, DT_NEEDED)));
    }

    private static List<String> names(ByteBuffer strings, List<Long> offsets) {
        return offsets.stream().map(offset -> ElfFile.string(strings, offset)).toList();
    }

    /** The first of them, where a file has more than any that is linked with libraries. */
    private static List<Long> values(ByteBuffer entries, long tag) {
        List<Long> values = new ArrayList<>();
        for (int at = 0; at + ENTRY <= entries.limit() && entries.getLong(at) != DT_NULL; at += ENTRY) {
            if (entries.getLong(at) == tag && values.size() < MOST_VALUES) {
                values.add(entries.getLong(at + Long.BYTES));
            }
        }
        return values;
    }
}
