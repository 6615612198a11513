package io.perfagent.python;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.FrameSearchTable;
import io.perfagent.elf.Symbol;
import io.perfagent.python.inject.AddressRange;
import io.perfagent.python.inject.Architecture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the code of {@code _PyEval_EvalFrameDefault} lies. Some builds have 2 KiB of it under the symbol and 80 KiB elsewhere,
 * nameless once the file is stripped; jumps from the one into the middle of the other tell, since a function that is called or
 * tail-called is entered at its start:
 *
 * <pre>
 *   symbol: │ entry … jcc ──┐…… │          .text.unlikely: │ … ←─┘ most opcodes … │
 * </pre>
 */
final class EvaluationLoop {
    /** What data amid the code may look like stays below this. */
    private static final int MIN_JUMPS = 3;

    private EvaluationLoop() {}

    /** In ELF addresses. */
    static List<AddressRange> parts(ElfFile file, Symbol symbol, Architecture architecture) throws IOException {
        AddressRange named = new AddressRange(symbol.address(), symbol.address() + symbol.size());
        List<AddressRange> parts = new ArrayList<>(List.of(named));
        FrameSearchTable functions = FrameSearchTable.of(file);
        Map<AddressRange, Set<Long>> entries = new HashMap<>();
        for (long target : architecture.jumpTargets(file.readAddress(named.start(), symbol.size()), named.start())) {
            AddressRange around = around(functions, target);
            if (around != null && target != around.start() && !around.contains(named.start())) {
                entries.computeIfAbsent(around, _ -> new HashSet<>()).add(target);
            }
        }
        entries.forEach((part, targets) -> {
            if (targets.size() >= MIN_JUMPS) {
                parts.add(part);
            }
        });
        return parts;
    }

    /** The function, or part of one, that holds an address; null where there is none, or it is the last. */
    private static @Nullable AddressRange around(FrameSearchTable functions, long address) throws IOException {
        int function = functions.lastAtOrBefore(address);
        boolean ends = function != FrameSearchTable.NONE && functions.next(function) != Long.MAX_VALUE;
        return ends ? new AddressRange(functions.start(function), functions.next(function)) : null;
    }
}
