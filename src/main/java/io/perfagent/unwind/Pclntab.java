package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.EhFrame;
import io.perfagent.unwind.cfi.FdeList;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Go's table of functions, which stripped binaries have too: for each function where it begins and how far its code has moved the
 * stack pointer. {@link PclntabVersion} has its layout. Positions and offsets that the file claims are checked when they are used.
 */
final class Pclntab {
    /** As of {@link EhFrame}. */
    private static final int MAX_BYTES = 1 << 26;

    private static final String RELOCATED = ".data.rel.ro";
    /** Every Go program has it, and other programs are not searched. */
    private static final String BUILD_INFORMATION = ".go.buildinfo";

    private static final int ALIGNMENT = 32;

    /** No name that is asked for is longer. */
    private static final int MAX_NAME = 64;

    private final PclntabVersion version;
    private final long address;
    private final int count;
    private final long headerText;
    /** From functab on: the functions are behind it. In the oldest version it is the whole table. */
    private final byte[] functions;

    private final byte[] pctab;
    private final byte[] names;
    private final int functab;

    private final Workspace workspace;

    private Pclntab(ElfFile file, PclntabVersion version, long address, long size, Workspace workspace)
            throws IOException, MalformedCfi {
        this.workspace = workspace;
        this.version = version;
        this.address = address;
        ByteCursor header = new ByteCursor(part(file, 0, PclntabVersion.HEADER_BYTES, size), 0);
        long functionsFrom = version.functions(header);
        long pctabFrom = version.pctab(header);
        long namesFrom = version.names(header);
        this.functab = (int) (version.functab(header) - functionsFrom);
        this.functions = part(file, functionsFrom, size, size);
        this.pctab = pctabFrom == 0 ? functions : part(file, pctabFrom, functionsFrom, size);
        this.names = namesFrom == 0 ? functions : part(file, namesFrom, pctabFrom, size);
        this.headerText = version.relative()
                ? header.window(version.textStart(), PclntabVersion.HEADER_BYTES)
                        .s64()
                : 0;
        this.count = count(header.window(PclntabVersion.FUNCTIONS, PclntabVersion.HEADER_BYTES)
                .s64());
    }

    /**
     * The table of a file; null where it has none. It has a section of its own, which other linkers than Go's merge into that of
     * relocated data in position-independent programs.
     */
    static @Nullable Pclntab find(ElfFile file, Workspace workspace) throws IOException, MalformedCfi {
        Section merged = null;
        for (Section section : file.sections()) {
            if (section.type() != Section.SHT_NOBITS && section.name().endsWith(".gopclntab")) {
                return at(file, section, section.address(), workspace);
            }
            merged = section.type() != Section.SHT_NOBITS && section.name().equals(RELOCATED) ? section : merged;
        }
        return merged == null || file.section(BUILD_INFORMATION) == null ? null : findIn(file, merged, workspace);
    }

    private static @Nullable Pclntab findIn(ElfFile file, Section section, Workspace workspace)
            throws IOException, MalformedCfi {
        FileWindow bytes = new FileWindow(file);
        long end = section.address() + Math.min(section.size(), MAX_BYTES) - PclntabVersion.HEADER_BYTES;
        for (long at = section.address() & -ALIGNMENT; at < end; at += ALIGNMENT) {
            if (at >= section.address() && version(bytes, at) != null) {
                return at(file, section, at, workspace);
            }
        }
        return null;
    }

    private static @Nullable PclntabVersion version(FileWindow bytes, long address) throws IOException, MalformedCfi {
        ByteCursor start = new ByteCursor(bytes.bytes(address, 8), address);
        return PclntabVersion.of(start.s32(), start.s32());
    }

    private static Pclntab at(ElfFile file, Section section, long address, Workspace workspace)
            throws IOException, MalformedCfi {
        PclntabVersion version = version(new FileWindow(file), address);
        if (version == null) {
            throw new MalformedCfi(CfiError.GO_TABLE);
        }
        return new Pclntab(file, version, address, section.size() - (address - section.address()), workspace);
    }

    private byte[] part(ElfFile file, long from, long to, long size) throws IOException, MalformedCfi {
        if (from < 0 || from > to || to > size || to - from > MAX_BYTES) {
            throw new MalformedCfi(CfiError.GO_TABLE);
        }
        workspace.take(2 * (to - from)); // as read, and as kept
        byte[] bytes = new byte[(int) (to - from)];
        file.readAddress(address + from, bytes.length).get(bytes);
        workspace.giveBack(to - from);
        return bytes;
    }

    /** Each has two fields in functab, and behind the last is where its code ends. */
    private int count(long claimed) throws MalformedCfi {
        long room = (functions.length - functab - version.entryBytes()) / (2L * version.entryBytes());
        if (claimed < 0 || claimed > room || claimed > FdeList.MAX_FDES) {
            throw new MalformedCfi(CfiError.GO_TABLE);
        }
        return (int) claimed;
    }

    int count() {
        return count;
    }

    /** Bytes that pcsp tables may lie in. */
    int pctabBytes() {
        return pctab.length;
    }

    /** What the header says of where entries count from, an ELF address; 0 in files that the linker has not filled in. */
    long headerText() {
        return headerText;
    }

    /** Whether {@link #entry} counts from where the code begins. */
    boolean relative() {
        return version.relative();
    }

    /** Where a function begins, or for {@link #count} where the last one ends. */
    long entry(int index) throws MalformedCfi {
        return word(functab + 2L * index * version.entryBytes());
    }

    /** Position of a function's record, for the methods below. */
    long record(int index) throws MalformedCfi {
        return word(functab + (2L * index + 1) * version.entryBytes());
    }

    /** Whether the function has a table of stack pointer deltas: functions in C have none. */
    boolean hasPcsp(long record) throws MalformedCfi {
        return at(record + version.pcspField()).u32() != 0;
    }

    /** A cursor at the function's table of stack pointer deltas. */
    ByteCursor pcsp(long record) throws MalformedCfi {
        long offset = at(record + version.pcspField()).u32();
        if (offset >= pctab.length) {
            throw new MalformedCfi(CfiError.TRUNCATED);
        }
        return new ByteCursor(pctab, 0).window((int) offset, pctab.length);
    }

    /** Bits of {@code abi.FuncFlag}; 0 in versions without any. */
    int flags(long record) throws MalformedCfi {
        return version.flagsField() < 0 ? 0 : at(record + version.flagsField()).u8();
    }

    /** The function's name, {@code ""} where it is not there or very long. */
    String name(long record) throws MalformedCfi {
        long from = at(record + version.nameField()).u32();
        if (from >= names.length) {
            return "";
        }
        int end = (int) from;
        int limit = Math.min(names.length, end + MAX_NAME);
        while (end < limit && names[end] != 0) {
            end++;
        }
        return end == limit ? "" : new String(names, (int) from, end - (int) from, StandardCharsets.UTF_8);
    }

    private long word(long position) throws MalformedCfi {
        ByteCursor cursor = at(position);
        return version.entryBytes() == Integer.BYTES ? cursor.u32() : cursor.s64();
    }

    private ByteCursor at(long position) throws MalformedCfi {
        if (position < 0 || position >= functions.length) {
            throw new MalformedCfi(CfiError.TRUNCATED);
        }
        return new ByteCursor(functions, 0).window((int) position, functions.length);
    }
}
