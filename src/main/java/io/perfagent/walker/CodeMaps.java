package io.perfagent.walker;

import io.perfagent.linux.LinuxException;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ImageListener;
import io.perfagent.process.ProcessListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.process.Processes;
import io.perfagent.targetfs.LinkedFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the walker told of what code each process has mapped. All of it belongs to the thread that reads the events of processes, and
 * to the one that loads before that has begun; only {@link #lookAgain(int, long)} may be called by any.
 */
public final class CodeMaps implements ProcessListener {
    private static final long FIRST_PAUSE_NANOS = 100_000_000;
    /** Events must not wait for looks at every turn. */
    private static final long LOOK_PAUSE_NANOS = 250_000_000;

    private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;
    /** Samples come so much later than the events of the same time, at most. */
    private static final long SAMPLES_BEHIND_NANOS = 3_000_000_000L;
    /** Between two looks at the events no more is read than in this time: samples wait for what the events say. */
    private static final long READ_NANOS = 5_000_000;

    private final ProcessTable processes;
    private final UnwindTables tables;
    private final TableCompilers compilers;
    private final List<ImageListener> listeners = new ArrayList<>();
    private final SequencedSet<Integer> unread = new LinkedHashSet<>();
    private final Set<Integer> changed = new HashSet<>();
    private final Map<Integer, Pace> paces = new HashMap<>();
    private long lookedAgainAt = System.nanoTime();
    /** When the last sample was taken that hit code which is not known, by PID; any thread adds. */
    private final Map<Integer, Long> unknown = new ConcurrentHashMap<>();

    /** How often a process's mappings are looked at for code that no event told of. */
    private record Pace(long readAt, long pause) {}

    public CodeMaps(ProcessTable processes, UnwindTables tables, TableCompilers compilers) {
        this.processes = processes;
        this.tables = tables;
        this.compilers = compilers;
    }

    /** To be called before anything is loaded. */
    public void add(ImageListener listener) {
        listeners.add(listener);
    }

    /**
     * Reads a process's mappings and tells the walker, with the tables of what its executable is linked with; others are compiled when
     * samples hit them.
     */
    public void load(int pid) throws IOException {
        Image image = processes.add(pid);
        processes.read(image);
        tellFound(image);
        for (Mapping linked : LinkedFiles.of(pid, image.code())) {
            tables.compile(pid, linked);
        }
        List<Mapping> _ = tables.publish(pid, image.code());
        tellKnown(image);
    }

    /** Has the walker told of all processes that there are; their tables come as they are compiled. */
    public void loadAll() throws IOException {
        for (int pid : Processes.pids()) {
            Image _ = processes.add(pid); // what it forks is its copy
            unread.add(pid);
        }
    }

    /**
     * Has a process looked at again that ran code which the walker does not know, unless its mappings have been read since.
     *
     * @param nanos CLOCK_MONOTONIC, when it ran that
     */
    public void lookAgain(int pid, long nanos) {
        unknown.merge(pid, nanos, Math::max);
    }

    @Override
    public void forked(int parent, int child) {
        changed.add(child);
    }

    @Override
    public void executed(int pid) {
        changed.add(pid);
    }

    @Override
    public void mapped(int pid, Mapping mapping) {
        changed.add(pid);
    }

    @Override
    public void missed() {
        processes.running().forEach(image -> unread.add(image.pid()));
    }

    @Override
    public boolean isBehind() {
        return !unread.isEmpty();
    }

    @Override
    public void settled() {
        try {
            takeInSome(READ_NANOS);
            tellChanged();
            if (System.nanoTime() - lookedAgainAt >= LOOK_PAUSE_NANOS) {
                lookAgain();
            }
            forgetEnded();
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does all that is left to do, once the thread that reads events has ended. */
    public void finish() {
        try {
            takeInSome(Long.MAX_VALUE);
            tellChanged();
            lookAgain();
            forgetEnded();
        } catch (LinuxException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void takeInSome(long nanos) throws LinuxException {
        long began = System.nanoTime();
        while (!unread.isEmpty() && System.nanoTime() - began < nanos) {
            Image image = processes.running(unread.removeFirst());
            if (image != null) {
                tell(image);
            }
        }
    }

    private void tellChanged() throws LinuxException {
        for (int pid : changed) {
            Image image = processes.running(pid);
            if (image != null) {
                tell(image);
            }
        }
        changed.clear();
    }

    /**
     * Code that stays unknown, a JIT's, is not worth a look ten times a second: the pause doubles while nothing changes. Where it has
     * not passed the look is left out, for the next sample asks again.
     */
    private void lookAgain() throws LinuxException {
        long now = System.nanoTime();
        lookedAgainAt = now;
        for (int pid : List.copyOf(unknown.keySet())) {
            Long met = unknown.remove(pid);
            Image image = processes.running(pid);
            if (image != null && met != null && image.readNanos() < met && !unread.contains(pid)) {
                lookAgain(image, now);
            }
        }
    }

    private void lookAgain(Image image, long now) throws LinuxException {
        Pace pace = paces.getOrDefault(image.pid(), new Pace(now - FIRST_PAUSE_NANOS, FIRST_PAUSE_NANOS));
        if (now - pace.readAt < pace.pause) {
            return;
        }
        List<Mapping> before = image.code();
        boolean read = read(image);
        tellFound(image);
        boolean same = read && image.code().equals(before);
        long pause = same ? Math.min(pace.pause * 2, LONGEST_PAUSE_NANOS) : FIRST_PAUSE_NANOS;
        paces.put(image.pid(), new Pace(now, pause));
        if (same) {
            tellUnchanged(image);
        } else {
            tell(image);
        }
    }

    private void forgetEnded() throws LinuxException {
        for (Image image = processes.takeNewlyEnded(); image != null; image = processes.takeNewlyEnded()) {
            if (processes.running(image.pid()) == null) {
                tables.remove(image.pid());
                paces.remove(image.pid());
            }
            for (ImageListener listener : listeners) {
                listener.ended(image);
            }
        }
        for (Image image : processes.forget(System.nanoTime() - SAMPLES_BEHIND_NANOS)) {
            listeners.forEach(listener -> listener.forgotten(image));
        }
    }

    private void tell(Image image) throws LinuxException {
        if (image.unread() && !read(image)) {
            return;
        }
        tellFound(image);
        if (image.code().isEmpty()) {
            tables.remove(image.pid()); // what it ran before is gone, and what comes is not mapped yet
            return;
        }
        List<Mapping> missing = tables.publish(image.pid(), image.code());
        if (processes.scope() == Scope.ALL) {
            missing.forEach(mapping -> compilers.request(image.pid(), mapping));
        }
        tellKnown(image);
    }

    /** False where it has ended. */
    private boolean read(Image image) {
        try {
            processes.read(image);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void tellFound(Image image) {
        listeners.forEach(listener -> listener.found(image));
    }

    private void tellKnown(Image image) throws LinuxException {
        for (ImageListener listener : listeners) {
            listener.known(image);
        }
    }

    private void tellUnchanged(Image image) throws LinuxException {
        for (ImageListener listener : listeners) {
            listener.unchanged(image);
        }
    }
}
