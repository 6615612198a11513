package io.perfagent.python.life;

import io.perfagent.process.Image;
import io.perfagent.process.ProcessListener;
import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.targetfs.TargetTmp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Removes the maps that forked children have left: a service with a process for each request leaves dozens a second. A map goes only where
 * it can be nobody else's:
 *
 * <pre>
 *   forked by one that is on ─┬→ ends ─→ its names have been read ─→ regular file, its user's, made and last written in its lifetime: removed
 *                             └→ executes another program, whose map it may be: left
 * </pre>
 *
 * Safe for use by several threads.
 */
final class LeftMaps implements ProcessListener, AutoCloseable {
    /** Files have the time of the kernel's last tick, and the two clocks are read one after the other. */
    private static final long CLOCK_ERROR_MILLIS = 50;

    private final SwitchedOn on;
    /** The /tmp of each process that was switched on and has forked; by PID. */
    private final Map<Integer, TargetTmp> homes = new HashMap<>();

    private final List<TargetTmp> opened = new ArrayList<>();
    /** Children that run, or whose names have not been read yet; by PID. */
    private final Map<Integer, Copy> copies = new HashMap<>();

    /** Nobody has said yet whether what they descend from was on before the run. */
    private final List<Ended> undecided = new ArrayList<>();

    /**
     * A child.
     *
     * @param root the process that was switched, from which it descends
     * @param tmp of that process, which is the child's as well unless it went elsewhere
     * @param innermostPid by which it names its map
     */
    private record Copy(int root, TargetTmp tmp, int innermostPid) {}

    private record Ended(Copy copy, Image image) {}

    LeftMaps(SwitchedOn on) {
        this.on = on;
    }

    @Override
    public synchronized void forked(int parent, int child) {
        Copy copy = copies.get(parent);
        Copy unread = copies.remove(child);
        if (unread != null || (copy == null && !on.holds(parent))) {
            return; // where a PID is used again so soon, nothing is certain
        }
        try {
            TargetTmp tmp = copy == null ? home(parent) : copy.tmp();
            copies.put(child, new Copy(copy == null ? parent : copy.root(), tmp, innermostPid(parent, child)));
        } catch (IOException _) {
            // Both have ended: nobody knows where its map is.
        }
    }

    @Override
    public synchronized void executed(int pid) {
        copies.remove(pid);
        homes.remove(pid);
    }

    /** What there is to read of a process that has ended has been read. */
    synchronized void named(Image image) {
        homes.remove(image.pid());
        Copy copy = image.forkedFrom() == null ? null : copies.remove(image.pid());
        if (copy != null) {
            undecided.add(new Ended(copy, image));
        }
        undecided.removeIf(this::decide);
    }

    /** What was on before the run is somebody else's, and so are the maps of its children. */
    private boolean decide(Ended ended) {
        if (on.isOurs(ended.copy().root())) {
            remove(ended.copy(), ended.image());
            return true;
        }
        return !on.holds(ended.copy().root());
    }

    /** Another may have the number by now; its parent may not have asked for the status of ours yet. */
    private static boolean lives(int pid) {
        try {
            ProcStat stat = ProcStat.read(pid);
            return !stat.exiting() && stat.state() != 'Z' && stat.state() != 'X';
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        opened.forEach(TargetTmp::close);
        opened.clear();
        homes.clear();
        copies.clear();
    }

    private static void remove(Copy copy, Image image) {
        if (lives(image.pid())) {
            return;
        }
        try {
            long from = wallMillis(image.sinceNanos()) - CLOCK_ERROR_MILLIS;
            long until = wallMillis(image.endNanos()) + CLOCK_ERROR_MILLIS;
            boolean _ = copy.tmp().removeMap(copy.innermostPid(), from, until);
        } catch (IOException _) {
            // It may be read-only by now: the map stays.
        }
    }

    private TargetTmp home(int parent) throws IOException {
        TargetTmp known = homes.get(parent);
        if (known != null) {
            return known;
        }
        TargetTmp tmp = TargetTmp.open(parent);
        opened.add(tmp);
        homes.put(parent, tmp);
        return tmp;
    }

    /** Of a child that has ended since, the number that we know it by is its own only where its parent's children live beside us. */
    private static int innermostPid(int parent, int child) throws IOException {
        ProcStatus status = statusOf(child);
        if (status != null) {
            return status.innermostPid(child);
        }
        Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
        Path theirs = Files.readSymbolicLink(Path.of("/proc", Integer.toString(parent), "ns/pid_for_children"));
        if (!ours.equals(theirs)) {
            throw new IOException("it had another number in its namespace");
        }
        return child;
    }

    private static @Nullable ProcStatus statusOf(int pid) {
        try {
            return ProcStatus.read(pid);
        } catch (IOException _) {
            return null;
        }
    }

    /** CLOCK_MONOTONIC as milliseconds after 1970. */
    private static long wallMillis(long nanos) {
        return System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
