package io.perfagent.runtime.hotspot;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolTable;
import io.perfagent.model.CodeMemory;
import io.perfagent.model.Mapping;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** HotSpot JVMs. They may be hostile: each number that is read is checked, and as much is read as a JVM has, and no more. */
public final class HotSpot {
    private static final String LIBRARY = "/libjvm.so";

    private HotSpot() {}

    /** Whether a mapping may be a JVM's library. */
    public static boolean isLibrary(Mapping mapping) {
        return mapping.executable() && mapping.path().endsWith(LIBRARY);
    }

    /**
     * Where a process's JVM has its code; null where it has not begun to run any.
     *
     * @param library of the JVM
     * @param mapping of its code in the process
     * @param memory of the process
     * @throws IOException where it is no JVM of a kind that is known
     */
    public static @Nullable HotSpotEntry read(ElfFile library, Mapping mapping, CodeMemory memory) throws IOException {
        long address = library.addressOfOffset(mapping.fileOffset());
        SymbolTable symbols = SymbolTable.dynsym(library);
        if (address < 0 || symbols == null) {
            throw new MalformedJvm("a library without symbols");
        }
        long bias = mapping.start() - address;
        JvmMemory words = new JvmMemory(memory);
        VmStructs structs = VmStructs.read(words, name -> bias + address(symbols, name));
        return new CodeCache(structs, words).describe();
    }

    private static long address(SymbolTable symbols, String name) throws MalformedJvm {
        Symbol symbol = symbols.find(name);
        if (symbol == null) {
            throw new MalformedJvm("no symbol " + name);
        }
        return symbol.address();
    }
}
