package io.perfagent.agent;

import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.process.Processes;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.targetfs.LinkedFiles;
import io.perfagent.walker.CodeRows;
import io.perfagent.walker.TableCompilers;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps the walker told of what code each process has mapped. Safe for use by several threads. */
final class CodeMaps implements ProcessListener {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;
    /** Samples come so much later than the events of the same time, at most. */
    private static final long SAMPLES_BEHIND_NANOS = 3_000_000_000L;

    private final ProcessTable processes;
    private final UnwindTables tables;
    private final TableCompilers compilers;
    private final ProcessNames names;
    private final Jvms jvms;
    private final Set<Integer> changed = new HashSet<>();
    private final Map<Integer, Pace> paces = new HashMap<>();

    /** How often a process's mappings are looked at for code that no event told of. */
    private record Pace(long readAt, long pause) {}

    CodeMaps(ProcessTable processes, UnwindTables tables, TableCompilers compilers, ProcessNames names, Jvms jvms) {
        this.processes = processes;
        this.tables = tables;
        this.compilers = compilers;
        this.names = names;
        this.jvms = jvms;
    }

    /**
     * Reads a process's mappings and tells the walker, with the tables of what its executable is linked with; others are compiled when
     * samples hit them.
     */
    synchronized void load(int pid) throws IOException {
        Image image = processes.add(pid);
        image.read(ProcMaps.readExecutable(pid));
        for (Mapping linked : LinkedFiles.of(pid, image.code())) {
            tables.compile(pid, linked);
        }
        List<Mapping> _ = tables.publish(pid, image.code());
        jvms.look(image);
    }

    /** Tells the walker of all processes that there are; their tables come as they are compiled. */
    void loadAll() throws IOException {
        for (int pid : Processes.pids()) {
            synchronized (this) {
                tell(processes.add(pid));
            }
        }
    }

    /**
     * Looks again at processes that ran code which the walker does not know. Code that stays unknown, a JIT's, is not worth a
     * look ten times a second: the pause doubles while nothing changes.
     */
    synchronized void refresh(Iterable<Integer> pids) throws LinuxException {
        long now = System.nanoTime();
        for (int pid : pids) {
            Image image = processes.running(pid);
            Pace pace = paces.getOrDefault(pid, new Pace(now - FIRST_PAUSE_NANOS, FIRST_PAUSE_NANOS));
            if (image != null && now - pace.readAt >= pace.pause) {
                List<Mapping> before = image.code();
                boolean same = read(image) && image.code().equals(before);
                paces.put(pid, new Pace(now, same ? Math.min(pace.pause * 2, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS));
                if (same) {
                    jvms.look(image);
                } else {
                    tell(image);
                }
            }
        }
    }

    /** The rows of what a process has mapped; null while its mappings must be read first. */
    @Nullable
    CodeRows rows(Image image) {
        return image.unread() ? null : tables.rows(image.code());
    }

    /** What is known of an image as a JVM. */
    @Nullable
    HotSpotEntry jvm(Image image) {
        return jvms.of(image);
    }

    /** Compiles the table behind an address, unless that is done. */
    void compile(Image image, long address) {
        for (Mapping mapping : image.code()) {
            if (mapping.contains(address)) {
                tables.compile(image.pid(), mapping);
            }
        }
    }

    /** A sample has an address that is in no file: in memory, where the process has made its code, or it is not known yet what is there. */
    void hits(Image image, long address) {
        for (Mapping mapping : image.code()) {
            if (mapping.contains(address) && !mapping.isFile()) {
                makesCode(image.pid());
            }
        }
    }

    private void makesCode(int pid) {
        try {
            tables.makesCode(pid);
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sample waits for the table behind an address. */
    void wanted(Image image, long address) {
        for (Mapping mapping : image.code()) {
            if (mapping.contains(address)) {
                compilers.request(image.pid(), mapping);
                compilers.hurry(mapping.file());
            }
        }
    }

    @Override
    public synchronized void forked(int parent, int child) {
        changed.add(child);
    }

    @Override
    public synchronized void executed(int pid) {
        changed.add(pid);
    }

    @Override
    public synchronized void mapped(int pid, Mapping mapping) {
        changed.add(pid);
    }

    @Override
    public synchronized void missed() {
        processes.running().forEach(image -> changed.add(image.pid()));
    }

    @Override
    public synchronized void settled() {
        try {
            for (int pid : changed) {
                Image image = processes.running(pid);
                if (image != null) {
                    tell(image);
                }
            }
            changed.clear();
            forgetEnded();
            tellOfSampled();
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void forgetEnded() throws LinuxException {
        for (Image image = processes.takeNewlyEnded(); image != null; image = processes.takeNewlyEnded()) {
            if (processes.running(image.pid()) == null) {
                tables.remove(image.pid());
                paces.remove(image.pid());
            }
            names.changed(image);
        }
        for (Image image : processes.forget(System.nanoTime() - SAMPLES_BEHIND_NANOS)) {
            names.counted(image);
            jvms.forget(image);
        }
    }

    /** Processes that samples have hit need names. */
    void tellOfSampled() {
        for (Image image = processes.takeNewlySampled(); image != null; image = processes.takeNewlySampled()) {
            names.changed(image);
        }
    }

    private void tell(Image image) throws LinuxException {
        if (image.unread() && !read(image)) {
            return;
        }
        if (image.code().isEmpty()) {
            tables.remove(image.pid()); // what it ran before is gone, and what comes is not mapped yet
            return;
        }
        List<Mapping> missing = tables.publish(image.pid(), image.code());
        if (processes.scope() == Scope.ALL) {
            missing.forEach(mapping -> compilers.request(image.pid(), mapping));
        }
        jvms.look(image);
        names.changed(image);
    }

    /** False where it has ended. */
    private boolean read(Image image) {
        try {
            image.read(ProcMaps.readExecutable(image.pid()));
            return true;
        } catch (IOException _) {
            processes.end(image, System.nanoTime());
            return false;
        }
    }
}
