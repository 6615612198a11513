package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.elf.SymbolTable;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the stack of a greenlet begins: in the function that runs first of it. What lies below on the C stack is left from whoever ran there
 * when the greenlet was started, and may have been replaced since; the interpreter's own frames end there, too.
 *
 * <pre>
 *   run() … │ inner_bootstrap │ g_initialstub │ g_switch … of another greenlet, or what it has become
 * </pre>
 *
 * greenlet 2.0 and later, src/greenlet/TUserGreenlet.cpp.
 */
final class GreenletStart {
    private static final String MODULE = "PyInit__greenlet";
    private static final String FIRST = "_ZN8greenlet12UserGreenlet15inner_bootstrap";
    /** The module exports 300; a library with thousands is not looked through. */
    private static final long MAX_EXPORTED_BYTES = 24 * 1024;

    /** All symbols of the module, debugging information included, are a tenth of it. */
    private static final long MAX_SYMBOLS_BYTES = 1 << 20;

    private GreenletStart() {}

    /** ELF addresses; none in a file that is not the module of greenlet, or whose symbols cannot be read. */
    static Set<Long> of(ElfFile file) {
        try {
            Section dynamic = file.section(".dynsym");
            boolean few = dynamic != null && dynamic.size() <= MAX_EXPORTED_BYTES;
            SymbolTable exported = few ? SymbolTable.dynsym(file) : null;
            return exported != null && !named(exported, MODULE).isEmpty() ? starts(file, exported) : Set.of();
        } catch (IOException _) {
            return Set.of();
        }
    }

    private static Set<Long> starts(ElfFile file, SymbolTable exported) throws IOException {
        Set<Long> starts = named(exported, FIRST);
        if (file.sections().stream()
                .filter(section -> section.type() == Section.SHT_SYMTAB || section.type() == Section.SHT_STRTAB)
                .allMatch(section -> section.size() <= MAX_SYMBOLS_BYTES)) {
            starts.addAll(named(SymbolTable.symtab(file), FIRST));
        }
        return starts;
    }

    private static Set<Long> named(@Nullable SymbolTable symbols, String prefix) {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; symbols != null && i < symbols.size(); i++) {
            if (symbols.defined(i) && symbols.function(i) && startsWith(symbols, i, prefix)) {
                addresses.add(symbols.address(i));
            }
        }
        return addresses;
    }

    /** Without making a string of each name. */
    private static boolean startsWith(SymbolTable symbols, int index, String prefix) {
        for (int at = 0; at < prefix.length(); at++) {
            if (symbols.nameByte(index, at) != prefix.charAt(at)) {
                return false;
            }
        }
        return true;
    }
}
