package io.perfagent.agent;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Frame;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.procfs.ProcCgroup;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.profile.CountedStack;
import io.perfagent.symbolize.Symbolizer;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the symbolizer told of the processes that will need names: of all processes those that a sample hit, else all that are meant.
 * What names their code is opened while they run, on a thread of its own, since that may take long.
 */
final class ProcessNames implements AutoCloseable {
    /** Processes that have names at the end; a run with more of them leaves the later ones without. */
    private static final int MOST_NAMED = 20_000;

    private final ProcessTable processes;
    /** What has begun, changed or ended since it was looked at last. */
    private final Set<Image> waiting = new LinkedHashSet<>();

    private final Set<Image> named = new HashSet<>();
    /** By number of the image; kept when it ends, as its names are. */
    private final Map<Integer, Cgroup> cgroups = new HashMap<>();
    /** Numbers of images that have ended, whose samples have all been counted, and that have a perf map. */
    private final Set<Integer> finished = new HashSet<>();

    private final Worker worker = new Worker("process-names", "opening what names processes' code", this::work);
    private @Nullable Symbolizer symbolizer;
    private int namedInAll;
    private long unnamed;
    private volatile Consumer<Image> afterwards = _ -> {};
    private boolean closed;

    ProcessNames(ProcessTable processes) {
        this.processes = processes;
    }

    /** Tells a symbolizer of all that is known, and from now on of what is new; not needed before sampling has begun. */
    void tell(Symbolizer names) {
        synchronized (this) {
            symbolizer = names;
        }
        processes.running().forEach(this::changed);
        worker.start();
    }

    /** What is to be done when all that there is to read of an image that has ended has been read; on the thread that reads it. */
    void afterwards(Consumer<Image> action) {
        afterwards = action;
    }

    /** An image has begun, has new code, or has ended; nothing is done for one that needs no names. */
    void changed(Image image) {
        synchronized (waiting) {
            waiting.add(image);
            waiting.notifyAll();
        }
    }

    /** Where an image's process runs, or ran, as far as it was read. */
    synchronized Cgroup cgroup(int number) {
        return cgroups.getOrDefault(number, Cgroup.UNKNOWN);
    }

    /** All samples of an image that has ended have been counted. */
    synchronized void counted(Image image) {
        if (symbolizer != null && symbolizer.perfMapEntries(image.number()) > 0) {
            finished.add(image.number());
        }
    }

    /** Takes the numbers of images that have ended, with all their samples counted, and with a perf map that no child needs. */
    synchronized Set<Integer> takeFinished() {
        Set<Integer> taken = new HashSet<>(finished);
        for (Image image : finished.isEmpty() ? List.<Image>of() : processes.running()) {
            for (Image at = image.forkedFrom(); at != null; at = at.forkedFrom()) {
                taken.remove(at.number());
            }
        }
        finished.removeAll(taken);
        return taken;
    }

    /** Names the addresses of images that have ended, and gives up what the names were read from. */
    synchronized void nameFinished(Set<Integer> images, Consumer<Consumer<CountedStack>> stacks) {
        Symbolizer names = symbolizer;
        if (names == null || images.isEmpty()) {
            return;
        }
        stacks.accept(stack -> {
            for (long address : stack.user()) {
                Frame _ = names.user(stack.process(), address);
            }
        });
        images.forEach(names::forgetPerfMap);
    }

    /** Processes whose code has no names, for there were too many of them. */
    synchronized long unnamed() {
        return unnamed;
    }

    /** Throws where the thread has failed. */
    void check() {
        worker.check();
    }

    /** Returns when all that is known has been told, and tells no more after that. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            waiting.notifyAll();
        }
        worker.join();
    }

    private void work() throws InterruptedException {
        for (List<Image> next = next(); !next.isEmpty(); next = next()) {
            next.forEach(this::visit);
        }
    }

    /** Empty at the end. */
    private List<Image> next() throws InterruptedException {
        synchronized (waiting) {
            while (waiting.isEmpty() && !closed) {
                waiting.wait();
            }
            List<Image> taken = List.copyOf(waiting);
            waiting.clear();
            return taken;
        }
    }

    private void visit(Image image) {
        boolean last = image.ended();
        attend(image);
        if (last) {
            afterwards.accept(image);
        }
    }

    private synchronized void attend(Image image) {
        boolean needsNames =
                named.contains(image) || image.sampled() || (processes.scope() != Scope.ALL && !image.ended());
        if (needsNames) {
            name(image);
        }
    }

    private void name(Image image) {
        Symbolizer names = symbolizer;
        boolean running = named.contains(image);
        if (names == null || (!running && cgroups.containsKey(image.number()))) {
            return; // all has been told of one that has ended
        }
        if (!running && namedInAll >= MOST_NAMED) {
            unnamed++;
            return;
        }
        if (!running || !image.ended()) {
            add(names, image);
        }
        if (image.ended()) {
            named.remove(image);
            names.endProcess(image.number());
        }
    }

    private void add(Symbolizer names, Image image) {
        read(image);
        namedInAll += named.add(image) ? 1 : 0;
        if (!image.ended()) { // later the number may be another's
            cgroups.computeIfAbsent(image.number(), _ -> ProcCgroup.read(image.pid()));
        }
        Image parent = image.forkedFrom();
        if (parent != null && !named.contains(parent)) {
            name(parent);
        }
        if (image.sinceNanos() == 0) {
            names.addProcess(image.number(), image.pid(), image.code());
        } else {
            names.addProcess(image.number(), image.pid(), parent == null ? 0 : parent.number(), image.code());
        }
    }

    private static void read(Image image) {
        if (image.unread() && !image.ended()) {
            try {
                image.read(ProcMaps.readExecutable(image.pid()));
            } catch (IOException _) {
                // It has ended; the event that says so is on its way.
            }
        }
    }
}
