package io.perfagent.agent;

import io.perfagent.elf.ElfFile;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.procfs.MappedFile;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.symbolize.Symbolizer;
import io.perfagent.unwind.CodeRows;
import io.perfagent.unwind.UnwindTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps the walker and the symbolizer told of what code each process has mapped. One thread. */
final class CodeMaps {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;

    private final UnwindTables tables;
    private final Map<Integer, Known> known = new HashMap<>();

    private final Set<Integer> ended = new HashSet<>();
    private @Nullable Symbolizer symbolizer;

    CodeMaps(UnwindTables tables) {
        this.tables = tables;
    }

    /** Reads a process's mappings and tells the walker. */
    void load(int pid) throws IOException {
        update(pid, System.nanoTime());
    }

    /** Tells a symbolizer of all that is known, and from now on of what is new; not needed before sampling has begun. */
    void tell(Symbolizer names) {
        symbolizer = names;
        known.forEach((pid, state) -> names.addProcess(pid, state.mappings));
    }

    /**
     * Looks again at processes that ran code which the walker does not know. Code that stays unknown, a JIT's, is not worth a
     * look ten times a second: the pause doubles while nothing changes.
     */
    void refresh(Iterable<Integer> pids) throws LinuxException {
        long now = System.nanoTime();
        for (int pid : pids) {
            Known state = known.get(pid);
            if (state != null && now - state.readAt < state.pause) {
                continue;
            }
            try {
                update(pid, now);
                ended.remove(pid); // its number is another's now
            } catch (LinuxException e) {
                throw e;
            } catch (IOException _) {
                ended.add(pid);
            }
        }
    }

    /**
     * The rows of a process, for a walk in user space; null where its mappings are not known, or were read before a time.
     *
     * @param sinceNanos CLOCK_MONOTONIC
     */
    @Nullable
    CodeRows rows(int pid, long sinceNanos) {
        Known state = known.get(pid);
        return state == null || state.readAt < sinceNanos ? null : tables.rows(state.mappings);
    }

    /** Whether the process had ended when its mappings were to be read last. */
    boolean ended(int pid) {
        return ended.contains(pid);
    }

    /** A process has been seen to run code that is in no file. */
    void makesCode(int pid) throws IOException {
        tables.makesCode(pid);
    }

    static ElfFile open(int pid, Mapping mapping) throws IOException {
        return mapping.isVdso()
                ? ElfFile.of(MappedFile.image(pid, mapping))
                : ElfFile.open(MappedFile.path(pid, mapping));
    }

    private void update(int pid, long now) throws IOException {
        List<Mapping> mappings = ProcMaps.read(pid);
        Known before = known.get(pid);
        if (before != null && before.mappings.equals(mappings)) {
            known.put(pid, new Known(mappings, now, Math.min(before.pause * 2, LONGEST_PAUSE_NANOS)));
            return;
        }
        tables.update(pid, mappings);
        known.put(pid, new Known(mappings, now, FIRST_PAUSE_NANOS));
        if (symbolizer != null) {
            symbolizer.addProcess(pid, mappings);
        }
    }

    private record Known(List<Mapping> mappings, long readAt, long pause) {}
}
