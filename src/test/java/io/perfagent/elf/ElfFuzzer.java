package io.perfagent.elf;

import io.perfagent.fuzz.SmallBinaries;
import java.io.IOException;
import java.util.List;

/** Headers, sections, segments, notes and symbols of a file: nothing but an {@link IOException} may come of any bytes. */
public final class ElfFuzzer {
    private static final int MAX_NAME = 1 << 16;

    private ElfFuzzer() {}

    public static List<byte[]> seeds() throws IOException {
        return SmallBinaries.images();
    }

    public static void fuzzerTestOneInput(byte[] input) {
        try (ElfFile file = ElfFile.of(input)) {
            expectWithinFile(file, input.length);
            var _ = file.addressOfOffset(input.length / 2);
            visit(() -> String.valueOf(file.buildId()));
            visit(() -> names(SymbolTable.symtab(file)));
            visit(() -> names(SymbolTable.dynsym(file)));
            for (Segment segment : file.segments()) {
                visit(() -> file.read(segment).limit());
                visit(() -> file.readAddress(segment.address(), 16).limit());
            }
        } catch (IOException _) {
            // a file that is no ELF file says so
        }
    }

    private static void expectWithinFile(ElfFile file, int length) {
        long nameBytes = 0;
        for (Section section : file.sections()) {
            nameBytes += section.name().length();
            visit(() -> {
                if (file.read(section).limit() > length) {
                    throw new AssertionError("a section longer than its file");
                }
                return 0;
            });
        }
        if (nameBytes > 64L * length + MAX_NAME) {
            throw new AssertionError(nameBytes + " characters of names in " + length + " bytes");
        }
    }

    private static int names(SymbolTable table) {
        int characters = 0;
        for (int symbol = 0; table != null && symbol < Math.min(table.size(), 1000); symbol++) {
            characters += table.symbol(symbol).name().length() + table.nameByte(symbol, symbol);
        }
        return characters;
    }

    private interface Visit {
        Object visit() throws IOException;
    }

    private static void visit(Visit visit) {
        try {
            var _ = visit.visit();
        } catch (IOException _) {
            // damaged here
        }
    }
}
