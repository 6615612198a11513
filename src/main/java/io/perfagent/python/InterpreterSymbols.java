package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Symbol;
import io.perfagent.elf.SymbolTable;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.ThreadListCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a file has of CPython's symbols, from {@code .dynsym} and, where the file still has it, {@code .symtab}. Addresses are
 * ELF addresses.
 */
final class InterpreterSymbols {
    static final String EVAL_FRAME = "_PyEval_EvalFrameDefault";
    /** Either name, newest first: some were private until they were made public. */
    private static final List<List<String>> CALLS = List.of(
            List.of("PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet"),
            List.of("Py_IsInitialized"),
            List.of("Py_IsFinalizing", "_Py_IsFinalizing"),
            List.of("PyGILState_Ensure"),
            List.of("PyGILState_Release"),
            List.of("PyRun_StringFlags"),
            List.of("_PyEval_AddPendingCall"),
            List.of("PyInterpreterState_Main"),
            List.of("_PyInterpreterState_GetEvalFrameFunc"),
            List.of("_PyInterpreterState_SetEvalFrameFunc"),
            List.of("PyErr_GetRaisedException"),
            List.of("PyErr_SetRaisedException"),
            List.of("PyInterpreterState_Get"),
            List.of("PyUnstable_PerfMapState_Fini"),
            List.of("PyDict_New"),
            List.of("PyErr_ExceptionMatches"),
            List.of("Py_DecRef"),
            List.of("PyExc_UnicodeEncodeError"),
            List.of(EVAL_FRAME));

    private static final List<String> THREAD_LISTS = List.of(
            "PyInterpreterState_Head",
            "PyInterpreterState_Next",
            "PyInterpreterState_ThreadHead",
            "PyThreadState_Next");

    private static final Set<String> OTHERS =
            Set.of("Py_Version", "Py_GetVersion", "_PyRuntime", "_PyOptimizer_Optimize", "_Py_trampoline_func_start");
    private static final Set<String> WANTED = wanted();

    private final Map<String, Symbol> found;

    private InterpreterSymbols(Map<String, Symbol> found) {
        this.found = found;
    }

    /**
     * Reads them.
     *
     * @param likely whether something else speaks for CPython: where nothing does, {@code .symtab}, which may have a million names, is left
     *     alone unless {@code .dynsym} has one of CPython's
     */
    static InterpreterSymbols read(ElfFile file, boolean likely) throws IOException {
        Map<String, Symbol> found = new HashMap<>();
        collect(SymbolTable.dynsym(file), found);
        if (likely || !found.isEmpty()) {
            collect(SymbolTable.symtab(file), found);
        }
        return new InterpreterSymbols(found);
    }

    /** Whether this is CPython of any version. */
    boolean isPython() {
        return found.containsKey("PyGILState_Ensure") || found.containsKey("Py_GetVersion");
    }

    @Nullable
    Symbol find(String name) {
        return found.get(name);
    }

    /** The template of the trampoline's code is assembly with a global symbol, which builds export like the rest. */
    boolean lacksTrampoline() {
        return !found.containsKey("_Py_trampoline_func_start");
    }

    /** Names of what is needed and not there. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (List<String> names : CALLS) {
            if (first(names) == null) {
                missing.add(names.getFirst());
            }
        }
        return missing;
    }

    /** Only where nothing is missing. */
    PythonCalls calls(long bias) {
        long[] at = new long[CALLS.size()];
        for (int index = 0; index < at.length; index++) {
            Symbol symbol = first(CALLS.get(index));
            at[index] = symbol == null ? 0 : bias + symbol.address();
        }
        return new PythonCalls(
                at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8], at[9], at[10], at[11], at[12], at[13],
                at[14], at[15], at[16], at[17], at[18]);
    }

    ThreadListCalls threadLists(long bias) {
        long[] at = new long[THREAD_LISTS.size()];
        for (int index = 0; index < at.length; index++) {
            Symbol symbol = found.get(THREAD_LISTS.get(index));
            at[index] = symbol == null ? 0 : bias + symbol.address();
        }
        return new ThreadListCalls(at[0], at[1], at[2], at[3]);
    }

    private @Nullable Symbol first(List<String> names) {
        for (String name : names) {
            Symbol symbol = found.get(name);
            if (symbol != null) {
                return symbol;
            }
        }
        return null;
    }

    private static void collect(@Nullable SymbolTable table, Map<String, Symbol> into) {
        for (int index = 0; table != null && index < table.size(); index++) {
            if (table.defined(index)) {
                String name = table.name(index);
                if (WANTED.contains(name)) {
                    into.putIfAbsent(name, table.symbol(index));
                }
            }
        }
    }

    private static Set<String> wanted() {
        Set<String> names = new HashSet<>(OTHERS);
        CALLS.forEach(names::addAll);
        names.addAll(THREAD_LISTS);
        return Set.copyOf(names);
    }
}
