package io.perfagent.unwind;

import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.MalformedCfi;
import org.jspecify.annotations.Nullable;

/**
 * How Go's linker has laid out its function table over the years: {@code pcHeader} and {@code _func} in runtime/symtab.go and
 * runtime/runtime2.go, written by cmd/link/internal/ld/pcln.go. Positions in bytes, −1 for what is not there.
 *
 * <pre>
 *   header    magic │ 0 │ 0 │ pc quantum 1 │ pointer size 8 │ functions │ files │ [text start] │ offsets of the parts
 *   functab   entry │ offset of the function │ entry │ offset │ … │ end of the last
 *   function  entry │ name │ arguments │ deferreturn │ pcsp │ … │ id │ flags │ …
 * </pre>
 */
enum PclntabVersion {
    /** All offsets count from the header, and functab follows the number of functions. */
    GO_1_2(0xfffffffb, -1, -1, -1, -1, 8, -1),
    GO_1_16(0xfffffffa, -1, 24, 48, 56, 8, 41),
    /** Entries count from where the code begins. */
    GO_1_18(0xfffffff0, 24, 32, 56, 64, 4, 37),
    GO_1_20(0xfffffff1, 24, 32, 56, 64, 4, 41);

    static final int HEADER_BYTES = 72;
    static final int FUNCTIONS = 8;

    private static final int FUNCTAB_OF_1_2 = 16;
    private static final int PC_QUANTUM_AND_POINTER_SIZE = 0x0801 << 16;
    private static final int PCSP_BEHIND_ENTRY = 12;

    private final int magic;
    private final int textStart;
    private final int names;
    private final int pctab;
    private final int functab;
    private final int entryBytes;
    private final int flags;

    PclntabVersion(int magic, int textStart, int names, int pctab, int functab, int entryBytes, int flags) {
        this.magic = magic;
        this.textStart = textStart;
        this.names = names;
        this.pctab = pctab;
        this.functab = functab;
        this.entryBytes = entryBytes;
        this.flags = flags;
    }

    /** By the first eight bytes of a table for x86-64; null where they are of something else. */
    static @Nullable PclntabVersion of(int magic, int next) {
        for (PclntabVersion version : values()) {
            if (version.magic == magic && next == PC_QUANTUM_AND_POINTER_SIZE) {
                return version;
            }
        }
        return null;
    }

    /** Whether entries count from the start of the code; they are ELF addresses otherwise. */
    boolean relative() {
        return textStart >= 0;
    }

    /** Of the header's field that says where the code begins. */
    int textStart() {
        return textStart;
    }

    /** Bytes of an entry in functab, and of the offset next to it. */
    int entryBytes() {
        return entryBytes;
    }

    /** In a function. */
    int nameField() {
        return entryBytes;
    }

    /** In a function. */
    int pcspField() {
        return entryBytes + PCSP_BEHIND_ENTRY;
    }

    /** In a function. */
    int flagsField() {
        return flags;
    }

    /** From the header, where names count from. */
    long names(ByteCursor header) throws MalformedCfi {
        return offset(header, names, 0);
    }

    /** From the header, where the offsets of pcsp tables count from. */
    long pctab(ByteCursor header) throws MalformedCfi {
        return offset(header, pctab, 0);
    }

    /** From the header. */
    long functab(ByteCursor header) throws MalformedCfi {
        return offset(header, functab, FUNCTAB_OF_1_2);
    }

    /** From the header, where the offsets of functions count from. */
    long functions(ByteCursor header) throws MalformedCfi {
        return offset(header, functab, 0);
    }

    private static long offset(ByteCursor header, int field, int without) throws MalformedCfi {
        return field < 0 ? without : header.window(field, HEADER_BYTES).s64();
    }
}
