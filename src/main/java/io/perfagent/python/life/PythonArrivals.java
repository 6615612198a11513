package io.perfagent.python.life;

import io.perfagent.model.FileId;
import io.perfagent.model.Mapping;
import io.perfagent.process.Image;
import io.perfagent.process.ProcessListener;
import io.perfagent.procfs.ProcExe;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.procfs.ProcStat;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.life.ArrivalQueue.Arrival;
import io.perfagent.python.life.LatePythons.Look;
import io.perfagent.python.life.PythonTally.Late;
import io.perfagent.thread.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds interpreters, first among the processes that there are, then among those that come up, and has them switched on, on a thread
 * of its own.
 *
 * <pre>
 *   exec, mmap of a file that may hold an interpreter ─→ wait half a second ─→ look ─→ initialised: switch on
 *                                                              │                  └─→ not yet: look again, later and later
 *                                                              └─→ has ended: nothing to do, as with most
 * </pre>
 *
 * A fork starts no interpreter: the child of one that is on has a copy that is on, that of any other process is what its parent is.
 */
final class PythonArrivals implements ProcessListener {
    private static final Pattern PYTHON = Pattern.compile("(lib)?python\\d.*");
    private static final int MOST_FILES = 100_000;

    private final LatePythons pythons;
    private final ProcessFeed processes;
    private final ArrivalQueue queue = new ArrivalQueue();
    private final SlowSwitches switches = new SlowSwitches();
    private final Map<Integer, Judgement> judged = new ConcurrentHashMap<>();
    /** Files that have been found to hold no interpreter: programs of which only such are mapped are not looked at. */
    private final Set<FileId> others = ConcurrentHashMap.newKeySet();

    private final Worker worker = new Worker("python-arrivals", "looking for interpreters", this::work);
    private static final long LONGEST_WAIT_NANOS = 1_000_000_000;

    private volatile boolean missed;
    private volatile boolean closed;

    private enum Judgement {
        PYTHON,
        OTHER,
        /** No interpreter so far, but a file that may hold one has been mapped. */
        AGAIN
    }

    PythonArrivals(LatePythons pythons, ProcessFeed processes) {
        this.pythons = pythons;
        this.processes = processes;
    }

    /** @param refused of these has been said already why they are not named */
    void start(Set<Integer> refused) {
        refused.forEach(pid -> judged.put(pid, Judgement.OTHER));
        processes.listen(this);
        worker.start();
    }

    /** Returns when what is being switched is done: nothing is switched on after that. */
    void stop() {
        queue.close();
        closed = true;
        worker.join();
        pythons.tally().late(Late.WAITING, queue.pythons());
    }

    /** Throws where the thread, or a switch that it began, has failed. */
    void check() {
        worker.check();
    }

    @Override
    public void forked(int parent, int child) {
        judged.remove(child);
        Judgement same = judged.get(parent);
        if (pythons.on().forked(parent, child)) {
            offer(child, true);
        } else if (same == null || queue.waits(parent)) {
            offer(child, false);
        } else {
            judged.put(child, same);
        }
    }

    @Override
    public void executed(int pid) {
        pythons.on().gone(pid);
        Arrival _ = queue.remove(pid);
        judged.put(pid, Judgement.OTHER); // until it maps something else
    }

    @Override
    public void mapped(int pid, Mapping mapping) {
        if (mapping.isFile() && !others.contains(mapping.file()) && judged.get(pid) != Judgement.PYTHON) {
            judged.replace(pid, Judgement.AGAIN);
            offer(pid, isNamedPython(mapping.path()));
        }
    }

    @Override
    public void exited(int pid) {
        judged.remove(pid);
        pythons.on().gone(pid);
        Arrival waited = queue.remove(pid);
        if (waited != null && waited.python()) {
            pythons.tally().late(Late.SHORT_LIVED, 1);
        }
    }

    @Override
    public void missed() {
        missed = true;
    }

    private void offer(int pid, boolean python) {
        if (!queue.offer(pid, python, System.nanoTime()) && python) {
            pythons.tally().late(Late.DROPPED, 1);
        }
    }

    private void work() throws InterruptedException {
        try {
            lookAround(false);
            while (!closed) {
                Arrival next = queue.take(LONGEST_WAIT_NANOS);
                if (next != null && isOpen(next.pid())) {
                    look(next, true);
                }
                if (missed) {
                    missed = false;
                    judged.keySet().removeIf(pid -> !Files.exists(Path.of("/proc", Integer.toString(pid))));
                    lookAround(true);
                }
                switches.check();
            }
        } finally {
            switches.await();
        }
        switches.check();
    }

    /** At all that run and are not known: at the start, and when events have been lost. */
    private void lookAround(boolean late) {
        for (Image image : processes.running()) {
            int pid = image.pid();
            if (pythons.on().holds(pid)) {
                judged.put(pid, Judgement.PYTHON);
            } else if (isOpen(pid) && !queue.waits(pid)) {
                lookFirst(pid, late);
            }
        }
    }

    private void lookFirst(int pid, boolean late) {
        if (closed) {
            pythons.tally().notLookedAt();
        } else {
            noteCopy(pid);
            look(new Arrival(pid, false, 0, 0), late);
        }
    }

    private boolean isOpen(int pid) {
        Judgement before = judged.get(pid);
        return before == null || before == Judgement.AGAIN;
    }

    private void noteCopy(int pid) {
        try {
            boolean _ = pythons.on().forked(ProcStat.read(pid).ppid(), pid);
        } catch (IOException _) {
            // has ended since
        }
    }

    private void look(Arrival arrival, boolean late) {
        int pid = arrival.pid();
        Image image = processes.running(pid);
        Set<FileId> files = files(pid);
        switch (pythons.look(pid)) {
            case Look.NotYet _ -> again(arrival);
            case Look.NotPython _ -> noPython(pid, image, files);
            case Look.Gone _ -> count(late && arrival.python(), Late.SHORT_LIVED);
            case Look.Copy _ -> {
                Object _ = judge(pid, image, Judgement.PYTHON);
                count(late, Late.INHERITED);
            }
            case Look.Refused(InjectRefusal reason, String detail) -> {
                Object _ = judge(pid, image, Judgement.PYTHON);
                pythons.refuse(pid, reason, detail, late);
            }
            case Look.Ready ready -> {
                pythons.begin(ready);
                Object _ = judge(pid, image, Judgement.PYTHON);
                switches.run(() -> pythons.activate(ready, late));
            }
        }
    }

    /**
     * Looking takes milliseconds, in which a process may execute another program: of that it says nothing.
     *
     * @param looked what ran when the look began
     * @return what was known before
     */
    private @Nullable Judgement judge(int pid, @Nullable Image looked, Judgement judgement) {
        Judgement before = judged.get(pid);
        judged.compute(pid, (_, known) -> looked == null || processes.running(pid) == looked ? judgement : known);
        return before;
    }

    private void again(Arrival arrival) {
        Arrival python = new Arrival(arrival.pid(), true, arrival.dueNanos(), arrival.pauseNanos());
        count(!queue.retry(python, System.nanoTime()), Late.DROPPED);
    }

    private void noPython(int pid, @Nullable Image image, Set<FileId> files) {
        if (judge(pid, image, Judgement.OTHER) == null) {
            pythons.tally().notPython();
        }
        if (others.size() > MOST_FILES) {
            others.clear();
        }
        others.addAll(files);
    }

    private void count(boolean counts, Late outcome) {
        if (counts) {
            pythons.tally().late(outcome, 1);
        }
    }

    /** The files that will have been judged when the process has: its program, and the libraries of a program of another name. */
    private static Set<FileId> files(int pid) {
        Set<FileId> files = new HashSet<>();
        try {
            String program = ProcExe.path(pid);
            for (Mapping mapping : ProcMaps.readExecutable(pid)) {
                String path = mapping.path();
                boolean judged = path.equals(program) || fileName(path).contains(".so");
                if (mapping.isFile() && judged && !isNamedPython(path)) {
                    files.add(mapping.file());
                }
            }
        } catch (IOException _) {
            files.clear(); // has ended
        }
        return files;
    }

    private static boolean isNamedPython(String path) {
        return PYTHON.matcher(fileName(path)).matches();
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
