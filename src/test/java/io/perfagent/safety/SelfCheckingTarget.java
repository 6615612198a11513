package io.perfagent.safety;

import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.PerfMaps;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running workload. Its lines (see {@code selfcheck.py}) are read all the time; what they, its end or its silence give away is a
 * {@link Harm}. A shell stands between, for the virtual machine waits for children of its own, and would take the stops that a
 * tracer waits for.
 */
final class SelfCheckingTarget implements AutoCloseable {
    private static final String SHELL = "exec 3<&0; sh -c 'exec 3<&-; echo $$; exec \"$@\"' sh \"$@\" <&3 & wait $!";
    private static final Path LIBRARY = Path.of("target", "workloads", "selfcheck.so");
    private static final long PATIENCE_SECONDS = 30;
    private static final int ROUNDS_OF_PROGRESS = 3;
    /** The first of them may have been under way before. */
    private static final int ROUNDS_OF_CHANGE = 200;

    private final Process shell;
    private final Workload workload;
    private final int pid;
    private final Thread reader;
    private boolean ready;
    private boolean active;
    private boolean finished;
    private int lines;
    private String lastWords = "";
    private @Nullable Harm fault;

    private SelfCheckingTarget(Process shell, Workload workload, Surroundings surroundings) throws IOException {
        this.shell = shell;
        this.workload = workload;
        BufferedReader output = shell.inputReader(StandardCharsets.UTF_8);
        int started = Integer.parseInt(output.readLine());
        reader = Thread.ofPlatform().daemon().name("target-output").start(() -> read(output));
        if (!await(() -> ready)) {
            shell.destroyForcibly();
            throw new IllegalStateException(workload + " in " + surroundings + " does not start: " + lastWords);
        }
        this.pid = surroundings.pid(started);
        removeStaleMap();
    }

    static SelfCheckingTarget start(Interpreter interpreter, Workload workload, Surroundings surroundings)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", SHELL, "sh"));
        command.addAll(surroundings.prefix());
        command.addAll(List.of(interpreter.command().toString(), "-W", "ignore"));
        command.add(workload.script().toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SELFCHECK_LIBRARY", LIBRARY.toAbsolutePath().toString());
        builder.environment().put("SURROUNDINGS", surroundings.function());
        return new SelfCheckingTarget(builder.start(), workload, surroundings);
    }

    /** Of an earlier process with that number, maybe another user's. Where it cannot be removed the outcome will say so. */
    private void removeStaleMap() {
        try {
            Files.deleteIfExists(PerfMaps.path(pid));
        } catch (IOException _) {
            // a read-only file system
        }
    }

    int pid() {
        return pid;
    }

    /** What is wrong at this moment, without waiting for anything. */
    @Nullable
    Harm look() throws IOException {
        Harm ended = ending();
        return ended == null ? abandonedThread() : ended;
    }

    /** What is wrong, or shows while the target goes on for some rounds. */
    @Nullable
    Harm goesOn() throws IOException {
        int from = lines();
        boolean came = await(() -> lines >= from + ROUNDS_OF_PROGRESS || fault != null || !shell.isAlive());
        Harm harm = look();
        return harm == null && !came ? hang("no line in " + PATIENCE_SECONDS + " s") : harm;
    }

    /** Goes on until the target itself says that the trampoline is on, or off, or has said the contrary for many rounds. */
    @Nullable
    Harm becomes(boolean wanted) throws IOException {
        int last = lines() + ROUNDS_OF_CHANGE;
        Harm harm = goesOn();
        boolean _ = await(() -> active == wanted || lines >= last || fault != null || !shell.isAlive());
        return harm == null && active() != wanted
                ? harm(Harm.Kind.OUTCOME, "the trampoline is " + (wanted ? "off" : "on") + " in the target's own eyes")
                : harm;
    }

    /** Lets it end as programs end, after its last checks. */
    @Nullable
    Harm end() throws IOException {
        Harm before = look();
        endOfInput();
        int status = status();
        if (before != null || fault() != null) {
            return before == null ? fault() : before;
        }
        if (status != 0 || !finished()) {
            return harm(Harm.Kind.DEATH, "status " + status + " at its end: " + lastWords());
        }
        return lastWords().isEmpty() ? null : harm(Harm.Kind.PRINTED, lastWords());
    }

    /** Their thread IDs; none where it has ended. */
    List<Integer> threads() {
        List<Integer> threads = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            tasks.forEach(task -> threads.add(Integer.valueOf(task.getFileName().toString())));
        } catch (IOException | DirectoryIteratorException _) {
            threads.clear();
        }
        return threads;
    }

    /** Its standard input ends, on which it leaves. */
    void endOfInput() throws IOException {
        shell.getOutputStream().close();
    }

    void kill() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** How it ended, as a shell counts: 128 and the signal's number, if a signal did it. −1 where it does not end. */
    int status() {
        try {
            if (!shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return -1;
            }
            reader.join(TimeUnit.SECONDS.toMillis(1));
            return shell.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How much memory it has, in KiB (VmRSS of proc_pid_status(5)). */
    int residentKibibytes() throws IOException {
        return Integer.parseInt(ProcStatus.read(pid).field("VmRSS").replace(" kB", ""));
    }

    Harm hang(String words) {
        return harm(Harm.Kind.HANG, words + ", see " + Hang.report(pid));
    }

    Harm harm(Harm.Kind kind, String words) {
        return new Harm(kind, workload.name(), words);
    }

    @Override
    public void close() throws IOException {
        try {
            if (ProcessHandle.of(pid).isPresent()) {
                Files.deleteIfExists(PerfMaps.path(pid));
            }
        } catch (IOException _) {
            // it ended just now, or has no map
        }
        kill();
        int _ = status();
        shell.destroyForcibly();
        endOfInput();
    }

    private @Nullable Harm ending() {
        Harm found = fault();
        if (found != null || shell.isAlive()) {
            return found;
        }
        int status = status();
        Harm late = fault();
        return late == null ? harm(Harm.Kind.DEATH, "status " + status + ": " + lastWords()) : late;
    }

    private @Nullable Harm abandonedThread() {
        for (int tid : threads()) {
            if (isAbandoned(tid)) {
                return harm(Harm.Kind.LEFT, "thread " + tid + " is stopped or traced");
            }
        }
        return ending();
    }

    private static boolean isAbandoned(int tid) {
        try {
            char state = ProcStat.read(tid).state();
            return state == 't'
                    || state == 'T'
                    || !ProcStatus.read(tid).field("TracerPid").equals("0");
        } catch (IOException _) {
            return false; // the thread has ended
        }
    }

    private void read(BufferedReader output) {
        try (output) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                understand(line);
            }
        } catch (IOException _) {
            // closed from our side
        }
    }

    private synchronized void understand(String line) {
        String[] words = line.split(" ", 3);
        switch (words[0]) {
            case "ready" -> ready = true;
            case "ok" -> {
                lines++;
                active = words[2].equals("1");
            }
            case "fault" ->
                fault = fault == null ? new Harm(Harm.Kind.named(words[1]), workload.name(), words[2]) : fault;
            case "done" -> finished = true;
            case "signals" -> {} // how many it has sent, in its last words
            default -> lastWords = line;
        }
        notifyAll();
    }

    private synchronized boolean await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < deadline && (ready || reader.isAlive())) {
                wait(20);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return condition.getAsBoolean();
    }

    private synchronized int lines() {
        return lines;
    }

    private synchronized boolean active() {
        return active;
    }

    private synchronized boolean finished() {
        return finished;
    }

    private synchronized String lastWords() {
        return lastWords;
    }

    synchronized @Nullable Harm fault() {
        return fault;
    }
}
