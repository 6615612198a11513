package io.perfagent.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;

/**
 * The library as the dynamic linker finds it. Whoever calls {@link Libbpf} first asks here whether there is one: the bindings are linked
 * when that class is initialised, and what an initialiser throws reaches nobody as what it is (JLS 12.4.2).
 */
final class LibbpfFile {
    private static final String NAME = "libbpf.so.1";

    private LibbpfFile() {}

    /** Throws where it is not installed. */
    static void require() {
        SymbolLookup _ = open();
    }

    static SymbolLookup open() {
        return open(NAME);
    }

    @SuppressWarnings("restricted")
    static SymbolLookup open(String name) {
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new LibbpfMissingException(e);
        }
    }
}
