package io.perfagent.symbolize;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Text in the form of {@code /proc/kallsyms}. */
public final class KernelSymbolsFuzzer {
    private static final int BYTES = 4096;

    private KernelSymbolsFuzzer() {}

    /** The first lines of this kernel, and lines of a module with addresses in another order. */
    public static List<byte[]> seeds() throws IOException {
        try (InputStream symbols = Files.newInputStream(Path.of("/proc/kallsyms"))) {
            String modules = """
                    ffffffffc0301000 t nf_conntrack_in\t[nf_conntrack]
                    ffffffff81000000 T _stext
                    ffffffff81000000 t startup_64
                    ffffffff81000040 D data
                    """;
            return List.of(symbols.readNBytes(BYTES), modules.getBytes(StandardCharsets.US_ASCII));
        }
    }

    public static void fuzzerTestOneInput(byte[] input) {
        KernelSymbols symbols = KernelSymbols.parse(input.clone());
        for (long address = symbols.start(); address != symbols.start() + 0x400; address += 0x40) {
            String name = symbols.find(address);
            if (name != null && name.indexOf('\n') >= 0) {
                throw new AssertionError("two lines in a name");
            }
        }
        var _ = symbols.find(0);
        var _ = symbols.find(-1);
        if (symbols.hidden() != (symbols.end() == 0 && symbols.start() == 0)) {
            throw new AssertionError("hidden symbols have addresses");
        }
    }
}
