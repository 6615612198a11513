package io.perfagent.runtime.gdbjit;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolSearch;
import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.walker.ElfSource;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which files hold the list of what their programs have made. Each is looked through once: one of LLVM has 170,000 symbols. */
final class JitDescriptors {
    private static final String SYMBOL = "__jit_debug_descriptor";
    private static final int MOST_FILES = 8192;
    private static final Found NONE = new Found(0, List.of());

    private final ElfSource binaries;
    private final Map<FileId, Found> found = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FileId, Found> eldest) {
            return size() > MOST_FILES;
        }
    };

    /** ELF address of the descriptor in a file, 0 where there is none, and what places the file in memory. */
    private record Found(long elfAddress, List<Segment> segments) {}

    JitDescriptors(ElfSource binaries) {
        this.binaries = binaries;
    }

    /** Where it is in a process that has the file mapped; 0 where there is none. */
    long addressIn(int pid, Mapping mapping) {
        Found known = found.computeIfAbsent(mapping.file(), _ -> look(pid, mapping));
        long mapped = Segment.addressOfOffset(known.segments, mapping.fileOffset());
        return known.elfAddress == 0 || mapped < 0 ? 0 : mapping.start() - mapped + known.elfAddress;
    }

    private Found look(int pid, Mapping mapping) {
        try (ElfFile file = binaries.open(pid, mapping)) {
            Symbol symbol = SymbolSearch.find(file, SYMBOL);
            return symbol == null ? NONE : new Found(symbol.address(), file.segments());
        } catch (IOException _) {
            return NONE;
        }
    }
}
