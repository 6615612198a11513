package io.perfagent.runtime.cpython;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds CPython. Addresses are ELF addresses.
 *
 * @param runtime of {@code _PyRuntime}, 0 where it has none
 * @param head of the function that returns the first interpreter, 0 where it has none
 * @param current of the function that returns the state of the thread that has the GIL, 0 where it has none
 * @param lock the GIL of 3.6, whose parts are variables
 * @param version of {@code Py_Version}, 0 before 3.11
 * @param minor 9 of 3.9, as the symbols tell it of versions before 3.11
 * @param types built-in types that have symbols
 * @param counter from which 3.12 gives each code object its version, 32 bits that are 0 once they have overflowed; 0 where it has no symbol
 * @param evaluation the parts of {@code _PyEval_EvalFrameDefault}
 */
record InterpreterFile(
        long runtime,
        long head,
        long current,
        Variables lock,
        long version,
        int minor,
        Map<BuiltinType, Long> types,
        long counter,
        List<CodeRange> evaluation) {
    private static final String VERSION = "Py_Version";
    private static final String RUNTIME = "_PyRuntime";
    private static final String EVALUATION = "_PyEval_EvalFrameDefault";
    private static final String COLD_EVALUATION = EVALUATION + ".cold";
    private static final String GET_HEAD = "PyInterpreterState_Head";
    private static final String LOCKED = "gil_locked";
    private static final String WAITED_FOR = "gil_cond";
    private static final String COUNTER = "_Py_next_func_version";
    private static final String SINCE_3_12 = "PyUnstable_GC_VisitObjects";
    private static final String SINCE_3_13 = "PyMutex_Lock";
    private static final String GET_CURRENT = "_PyThreadState_UncheckedGet";

    /** Functions that came with a version and have been there since, newest first. */
    private static final List<Map.Entry<String, Integer>> SINCE = List.of(
            Map.entry("PyIter_Send", 10),
            Map.entry("PyFrame_GetBack", 9),
            Map.entry("PyConfig_InitPythonConfig", 8),
            Map.entry(RUNTIME, 7));

    /** A program that exports nothing of CPython's, and has so many names, is not looked through. */
    private static final int MANY_SYMBOLS = 100_000;

    private static final Set<String> WANTED = wanted();

    /**
     * Variables that no version exports.
     *
     * @param locked whether a thread has it; 0 of a stripped file
     * @param condition that threads wait on, a {@code pthread_cond_t}; likewise
     */
    record Variables(long locked, long condition) {
        private static final int CONDITION_BYTES = 48;

        /** In a process, where {@code holder} is the runtime address of the state of the thread that has it. */
        CPythonEntry.Lock of(long holder, long bias) {
            long address = condition + bias;
            return locked == 0 || condition == 0
                    ? CPythonEntry.Lock.UNKNOWN
                    : new CPythonEntry.Lock(
                            address, 0, (int) (locked - condition), (int) (holder - address), 0, CONDITION_BYTES);
        }
    }

    /** Null where it holds none, or none with symbols. */
    static @Nullable InterpreterFile of(ElfFile file) throws IOException {
        Map<String, Symbol> found = new HashMap<>();
        collect(SymbolTable.dynsymInFile(file), found);
        SymbolTable others = SymbolTable.symtabInFile(file);
        boolean few = others == null || others.size() < MANY_SYMBOLS;
        if (found.isEmpty() ? few : !found.containsKey(RUNTIME) || !found.containsKey(VERSION)) {
            collect(others, found);
        }
        if (!found.containsKey(EVALUATION) && !found.containsKey(VERSION)) {
            return null;
        }
        return new InterpreterFile(
                address(found, RUNTIME),
                address(found, GET_HEAD),
                address(found, GET_CURRENT),
                new Variables(address(found, LOCKED), address(found, WAITED_FOR)),
                address(found, VERSION),
                minor(found),
                types(found),
                is312(found) && others != null && few ? counter(others) : 0,
                evaluation(found));
    }

    private static boolean is312(Map<String, Symbol> found) {
        return found.containsKey(SINCE_3_12) && !found.containsKey(SINCE_3_13);
    }

    /** No version exports it. */
    private static long counter(SymbolTable table) throws IOException {
        for (int index = 0; index < table.size(); index++) {
            if (table.nameByte(index, 0) == '_' && table.defined(index) && COUNTER.equals(table.name(index))) {
                return table.symbol(index).address();
            }
        }
        return 0;
    }

    private static long address(Map<String, Symbol> found, String name) {
        Symbol symbol = found.get(name);
        return symbol == null ? 0 : symbol.address();
    }

    private static Set<String> wanted() {
        Set<String> wanted = new HashSet<>(Set.of(
                VERSION,
                EVALUATION,
                COLD_EVALUATION,
                GET_HEAD,
                GET_CURRENT,
                LOCKED,
                WAITED_FOR,
                SINCE_3_12,
                SINCE_3_13));
        SINCE.forEach(function -> wanted.add(function.getKey()));
        for (BuiltinType type : BuiltinType.values()) {
            wanted.add(type.symbol);
        }
        return Set.copyOf(wanted);
    }

    private static void collect(@Nullable SymbolTable table, Map<String, Symbol> found) {
        for (int index = 0; table != null && index < table.size(); index++) {
            byte first = table.nameByte(index, 0);
            if ((first == 'P' || first == '_' || first == 'g') && table.defined(index)) {
                String name = table.name(index);
                String wanted =
                        name.startsWith(COLD_EVALUATION) ? COLD_EVALUATION : name; // .cold.123 of older compilers
                if (WANTED.contains(wanted)) {
                    found.putIfAbsent(wanted, table.symbol(index));
                }
            }
        }
    }

    private static Map<BuiltinType, Long> types(Map<String, Symbol> found) {
        Map<BuiltinType, Long> types = new EnumMap<>(BuiltinType.class);
        for (BuiltinType type : BuiltinType.values()) {
            if (found.containsKey(type.symbol)) {
                types.put(type, address(found, type.symbol));
            }
        }
        return types;
    }

    private static int minor(Map<String, Symbol> found) {
        for (Map.Entry<String, Integer> function : SINCE) {
            if (found.containsKey(function.getKey())) {
                return function.getValue();
            }
        }
        return 6;
    }

    private static List<CodeRange> evaluation(Map<String, Symbol> found) {
        List<CodeRange> parts = new ArrayList<>();
        for (String name : List.of(EVALUATION, COLD_EVALUATION)) {
            Symbol part = found.get(name);
            if (part != null) {
                parts.add(new CodeRange(part.address(), part.address() + part.size()));
            }
        }
        return List.copyOf(parts);
    }
}
