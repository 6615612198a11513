package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.model.BuildId;
import io.perfagent.model.FileId;
import io.perfagent.python.inject.AddressRange;
import io.perfagent.python.inject.Architecture;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What files hold of an interpreter, found once for each file, however many processes run it. A file is known by its inode and its
 * build id: the number of an inode is used again. Safe for use by several threads.
 */
final class InterpreterFiles {
    private static final int MOST = 4096;

    private final Sonames sonames = new Sonames();
    private final Map<Key, Contents> known = new ConcurrentHashMap<>();

    private record Key(FileId file, BuildId build) {}

    /**
     * What does not depend on the process.
     *
     * @param marked whether the file has CPython's own mark for tools
     * @param loop the code of the evaluation loop, in ELF addresses
     */
    record Contents(InterpreterSymbols symbols, boolean marked, List<AddressRange> loop) {
        /** CPython's own mark for tools, since 3.10; it survives strip. */
        private static final String RUNTIME_SECTION = ".PyRuntime";

        static Contents read(ElfFile elf, boolean namedPython, Architecture architecture) throws IOException {
            boolean marked = elf.section(RUNTIME_SECTION) != null;
            InterpreterSymbols symbols = InterpreterSymbols.read(elf, marked || namedPython);
            Symbol evaluator = symbols.find(InterpreterSymbols.EVAL_FRAME);
            List<AddressRange> loop = evaluator == null || elf.machine() != architecture.machine()
                    ? List.of()
                    : EvaluationLoop.parts(elf, evaluator, architecture);
            return new Contents(symbols, marked, loop);
        }
    }

    Sonames sonames() {
        return sonames;
    }

    /** Of an open file, which is the one that is mapped. */
    Contents of(ElfFile elf, PythonFile file, Architecture architecture) throws IOException {
        @Nullable BuildId build = elf.buildId();
        if (build == null) {
            return Contents.read(elf, file.namedPython(), architecture);
        }
        Key key = new Key(file.mapping().file(), build);
        Contents contents = known.get(key);
        if (contents == null) {
            contents = Contents.read(elf, file.namedPython(), architecture);
            forgetWhenFull();
            known.put(key, contents);
        }
        return contents;
    }

    private void forgetWhenFull() {
        if (known.size() >= MOST) {
            known.clear();
        }
    }
}
