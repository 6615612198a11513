package io.perfagent.runtime.cpython;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ImageListener;
import io.perfagent.procfs.ProcExe;
import io.perfagent.walker.ElfSource;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Which processes run CPython, and what the kernel side is told of it. The thread that reads the events of processes looks; any may ask.
 */
public final class Pythons implements ImageListener {
    private final UnwindTables tables;
    private final Interpreters interpreters;
    private final Map<Integer, Seen> seen = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean any;

    /** A file that was looked at, of an image; without a result it holds no CPython. */
    private record Seen(Mapping file, @Nullable PythonResult result) {
        /** What cannot be read may be readable soon: the program has just been executed. */
        boolean settled() {
            return result != LayoutRefusal.UNREADABLE;
        }
    }

    public Pythons(ElfSource binaries, UnwindTables tables) {
        this.tables = tables;
        this.interpreters = new Interpreters(binaries);
    }

    @Override
    public void known(Image image) throws LinuxException {
        Seen last = seen.get(image.number());
        if (last != null && last.result instanceof Python && image.code().contains(last.file)) {
            return;
        }
        Seen now = look(image, last);
        if (now == null) {
            return;
        }
        seen.put(image.number(), now);
        if (now.result instanceof LayoutRefusal && now.settled()) {
            refused.incrementAndGet();
        }
        if (now.result instanceof Python python) {
            tables.runs(image.pid(), now.file, python.entry());
            any = true;
        }
    }

    /** Null where there is nothing new. A copy has what its original has, at the same addresses; it may end before it can be looked at. */
    private @Nullable Seen look(Image image, @Nullable Seen last) {
        Image original = image.forkedFrom();
        Seen inherited = original == null ? null : seen.get(original.number());
        if (inherited != null
                && inherited.result instanceof Python
                && image.code().contains(inherited.file)) {
            return inherited;
        }
        Mapping file = candidate(image.pid(), image.code());
        boolean same = last != null && last.settled() && last.file.equals(file);
        return file == null || same ? null : new Seen(file, interpreters.of(image.pid(), file));
    }

    /** Whether there was one, so far, that can be read. Any thread. */
    public boolean any() {
        return any;
    }

    /** How many there were, so far, whose frames cannot be read, and will not be. Any thread. */
    public long refused() {
        return refused.get();
    }

    @Override
    public void forgotten(Image image) {
        seen.remove(image.number());
    }

    /** The mapping that may hold the interpreter: of a libpython, else of the executable. */
    static @Nullable Mapping candidate(int pid, List<Mapping> code) {
        for (Mapping mapping : code) {
            if (mapping.isFile() && isLibrary(fileName(mapping))) {
                return mapping;
            }
        }
        return executable(pid, code);
    }

    private static @Nullable Mapping executable(int pid, List<Mapping> code) {
        try {
            String executable = ProcExe.path(pid);
            for (Mapping mapping : code) {
                if (mapping.isFile() && mapping.path().equals(executable)) {
                    return mapping;
                }
            }
        } catch (IOException _) {
            // It has ended, or may not be looked at.
        }
        return null;
    }

    /** But not the stub of the stable ABI, {@code libpython3.so}, which holds nothing. */
    private static boolean isLibrary(String name) {
        return name.startsWith("libpython") && !name.startsWith("libpython3.so");
    }

    private static String fileName(Mapping mapping) {
        return mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
    }

    /** What is known of an image's CPython; null where it has none that can be read. */
    @Nullable
    Python of(Image image) {
        Seen known = seen.get(image.number());
        return known != null && known.result instanceof Python python ? python : null;
    }
}
