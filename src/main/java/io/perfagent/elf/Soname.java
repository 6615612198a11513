package io.perfagent.elf;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The name that a shared library gives itself, from the dynamic section (gABI chapter 5, "Dynamic Section"): pairs of a tag and a
 * value, ended by tag 0.
 */
public final class Soname {
    private static final int ENTRY = 16;
    private static final long DT_NULL = 0;
    private static final long DT_STRTAB = 5;
    private static final long DT_STRSZ = 10;
    private static final long DT_SONAME = 14;
    private static final long MAX_NAMES = 1 << 24;

    private Soname() {}

    /** {@code ""} for a file without one. */
    public static String of(ElfFile file) throws IOException {
        Segment dynamic = file.segment(Segment.PT_DYNAMIC);
        if (dynamic == null) {
            return "";
        }
        ByteBuffer entries = file.read(dynamic);
        long name = value(entries, DT_SONAME);
        long size = value(entries, DT_STRSZ);
        if (name < 0 || size <= name || size > MAX_NAMES) {
            return "";
        }
        return ElfFile.string(file.readAddress(value(entries, DT_STRTAB), size), name);
    }

    /** −1 where the tag is missing. */
    private static long value(ByteBuffer entries, long tag) {
        for (int at = 0; at + ENTRY <= entries.limit() && entries.getLong(at) != DT_NULL; at += ENTRY) {
            if (entries.getLong(at) == tag) {
                return entries.getLong(at + Long.BYTES);
            }
        }
        return -1;
    }
}
