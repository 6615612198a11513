package io.perfagent.process;

import io.perfagent.linux.BootClock;
import io.perfagent.model.ProcessEvent;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which process had a PID when, and what it ran: made from events, and from {@code /proc} for what is older than the run. It holds
 * processes that run and, until {@link #forget}, those that have ended. One thread writes; any may ask.
 */
public final class ProcessTable {
    /** Which processes of the machine are meant. */
    public enum Scope {
        /** Those that were added. */
        ADDED,
        /** Those, and what they fork. */
        WITH_CHILDREN,
        /** All. */
        ALL
    }

    private final Scope scope;
    private final Map<Integer, Image> newest = new ConcurrentHashMap<>();
    private final Queue<Image> ended = new ArrayDeque<>();
    private final Queue<Image> newlyEnded = new ArrayDeque<>();
    private final Queue<Image> newlySampled = new ConcurrentLinkedQueue<>();
    private int numbers;

    public ProcessTable(Scope scope) {
        this.scope = scope;
    }

    public Scope scope() {
        return scope;
    }

    /** The process that has this PID now; one that is not known yet becomes known. */
    public synchronized Image add(int pid) {
        Image known = newest.get(pid);
        return known != null && !known.ended() ? known : begin(Image.found(++numbers, pid), known);
    }

    /** What ran under a PID at a time, CLOCK_MONOTONIC, and is noted as sampled; null where none that is meant did. */
    public @Nullable Image sampledAt(int pid, long timeNanos) {
        Image image = newest.get(pid);
        while (image != null && image.sinceNanos() > timeNanos) {
            image = image.before();
        }
        if (image == null && scope == Scope.ALL) {
            image = unseen(pid);
        }
        if (image != null && image.sample()) {
            newlySampled.add(image);
        }
        return image;
    }

    /**
     * Reads the mappings of one that runs. For the thread that hands events over, for they come on top of what was read.
     *
     * @throws IOException where it has ended, which is noted
     */
    public void read(Image image) throws IOException {
        try {
            long now = System.nanoTime();
            image.read(ProcMaps.readExecutable(image.pid()), now);
        } catch (IOException e) {
            end(image, System.nanoTime());
            throw e;
        }
    }

    /** Takes one that has been hit by a sample for the first time; null where there is none. */
    public @Nullable Image takeNewlySampled() {
        return newlySampled.poll();
    }

    /** Whether there is one. */
    public boolean anyNewlySampled() {
        return !newlySampled.isEmpty();
    }

    /** Takes one that has ended since the last call; null where there is none. */
    public synchronized @Nullable Image takeNewlyEnded() {
        return newlyEnded.poll();
    }

    /** What runs under a PID now; null where that is not known, or has ended. */
    public @Nullable Image running(int pid) {
        Image image = newest.get(pid);
        return image == null || image.ended() ? null : image;
    }

    /** All that run. */
    public Collection<Image> running() {
        return newest.values().stream().filter(image -> !image.ended()).toList();
    }

    /**
     * Takes in what happened. For the thread that hands events over, too.
     *
     * @return whether it concerns a process that is meant; of exits, whether it was the process's
     */
    public boolean apply(ProcessEvent event) {
        return switch (event) {
            case ProcessEvent.Forked forked -> fork(forked);
            case ProcessEvent.Executed executed -> execute(executed);
            case ProcessEvent.Mapped mapped -> map(mapped);
            case ProcessEvent.Exited exited -> exit(exited);
        };
    }

    /** Events were lost: of every process the mappings must be read again, and some may have ended. */
    public synchronized void distrust() {
        newest.values().forEach(Image::forgetMappings);
    }

    /** A process is known to have ended without an event that said so. */
    public synchronized void end(Image image, long timeNanos) {
        if (!image.ended()) {
            image.end(timeNanos);
            ended.add(image);
            newlyEnded.add(image);
        }
    }

    /** Lets go of what had ended by a time, for samples up to then have been asked for; gives what it let go of. */
    public synchronized List<Image> forget(long untilNanos) {
        List<Image> gone = new ArrayList<>();
        for (Image image = ended.peek(); image != null && image.endNanos() < untilNanos; image = ended.peek()) {
            gone.add(ended.remove());
            unlink(image);
        }
        return gone;
    }

    private synchronized boolean fork(ProcessEvent.Forked event) {
        Image parent = runningAt(event.parent(), event.timeNanos());
        boolean meant = scope == Scope.ALL || (scope == Scope.WITH_CHILDREN && parent != null);
        if (meant) {
            begin(Image.forked(++numbers, event.pid(), event.timeNanos(), parent), newest.get(event.pid()));
        }
        return meant;
    }

    private synchronized boolean execute(ProcessEvent.Executed event) {
        if (scope != Scope.ALL && runningAt(event.pid(), event.timeNanos()) == null) {
            return false;
        }
        Image old = newest.get(event.pid());
        Image before = old == null ? Image.found(++numbers, event.pid()) : old;
        begin(Image.executed(++numbers, event.pid(), event.timeNanos()), before);
        return true;
    }

    /**
     * What ran under a PID when something happened to it; null where that is not known. What had ended by then is still held for its
     * samples, but the number is a stranger's.
     */
    private @Nullable Image runningAt(int pid, long timeNanos) {
        Image image = newest.get(pid);
        return image == null || image.endNanos() < timeNanos ? null : image;
    }

    private synchronized boolean map(ProcessEvent.Mapped event) {
        Image image = newest.get(event.pid());
        if (image == null || image.ended() || event.timeNanos() < image.sinceNanos()) {
            return false;
        }
        image.map(event.mapping());
        return true;
    }

    /** The first thread may end before the others: the process goes on. What files say of that nobody else waits for. */
    private boolean exit(ProcessEvent.Exited event) {
        Image image = newest.get(event.pid());
        boolean first = event.tid() == event.pid();
        if (image == null || image.ended() || !(first || image.firstThreadGone())) {
            return false;
        }
        if (otherThreads(event) || (first && isTakenOver(event))) {
            image.loseFirstThread();
            return false;
        }
        end(image, event.timeNanos());
        return true;
    }

    private static boolean otherThreads(ProcessEvent.Exited event) {
        Path tasks = Path.of("/proc", Integer.toString(event.pid()), "task");
        String leader = Integer.toString(event.pid());
        String self = Integer.toString(event.tid());
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                String name = thread.getFileName().toString();
                if (!name.equals(leader) && !name.equals(self)) {
                    return true;
                }
            }
        } catch (IOException _) {
            // Its directory is gone with it.
        }
        return false;
    }

    /**
     * Whether another thread executes a program: the first one ends then, and its number and its beginning become the other one's
     * (fs/exec.c, de_thread).
     */
    private static boolean isTakenOver(ProcessEvent.Exited event) {
        try {
            ProcStat now = ProcStat.read(event.pid());
            long age = BootClock.since(now.startTime(), BootClock.nanos());
            return !now.exiting() && age > System.nanoTime() - event.timeNanos();
        } catch (IOException _) {
            return false;
        }
    }

    private Image begin(Image image, @Nullable Image before) {
        if (before != null) {
            image.follow(before);
            end(before, image.sinceNanos());
        }
        newest.put(image.pid(), image);
        return image;
    }

    /** A sample of a process that began before all that is known of its PID. */
    private synchronized Image unseen(int pid) {
        Image image = newest.get(pid);
        return image == null ? begin(Image.found(++numbers, pid), null) : begunBefore(image);
    }

    private Image begunBefore(Image oldestKnown) {
        Image oldest = oldestKnown;
        for (Image older = oldest.before(); older != null; older = oldest.before()) {
            oldest = older;
        }
        if (oldest.sinceNanos() == 0) {
            return oldest;
        }
        Image found = Image.found(++numbers, oldest.pid());
        oldest.follow(found);
        end(found, oldest.sinceNanos());
        return found;
    }

    private void unlink(Image image) {
        Image newer = newest.get(image.pid());
        if (newer == image) {
            newest.remove(image.pid());
            return;
        }
        while (newer != null && newer.before() != image) {
            newer = newer.before();
        }
        if (newer != null) {
            newer.follow(image.before());
        }
    }
}
