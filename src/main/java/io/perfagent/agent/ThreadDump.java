package io.perfagent.agent;

import io.perfagent.activity.ThreadActivity;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.bpf.abi.ThreadRecord.ThreadId;
import io.perfagent.dump.StandingThread;
import io.perfagent.dump.StandingThreads;
import io.perfagent.dump.ThreadList;
import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.ProcessMemory;
import io.perfagent.model.Activity;
import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Dump;
import io.perfagent.model.KernelCall;
import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCount;
import io.perfagent.model.StackSource;
import io.perfagent.model.ThreadStack;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.output.DumpJson;
import io.perfagent.output.DumpText;
import io.perfagent.process.LiveProcess;
import io.perfagent.procfs.CommandLine;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.report.Log;
import io.perfagent.sample.SampleSink;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The stack of each thread of some processes, now.
 *
 * <pre>
 *   those that wait ──→ read where they stand, some tries ─┐
 *   those that run ───→ a sample of each ──────────────────┴→ name
 * </pre>
 */
public final class ThreadDump {
    private static final int RATE = 997;
    /** What runs is sampled within some milliseconds, unless others keep it from its processor. */
    private static final long LONGEST_SAMPLING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int LOOK_MILLIS = 5;
    /** How many threads are read between two looks at them, try by try. */
    private static final int[] TRIES = {Integer.MAX_VALUE, 16, 1, 1, 1};

    private final List<Integer> pids;
    private final Log log;
    /** Of threads that a sample is wanted of; the thread that reads samples takes them out. */
    private final Set<Integer> running = ConcurrentHashMap.newKeySet();

    private final ThreadActivity activities = new ThreadActivity();
    private final Map<Integer, Taken> taken = new ConcurrentHashMap<>();

    /** What is known of a thread when its stack has been read. */
    private record Taken(
            StackSource source, Activity activity, @Nullable KernelCall call, PythonFrames.End python) {}

    public ThreadDump(List<Integer> pids, Log log) {
        this.pids = pids;
        this.log = log;
    }

    /** Takes it and writes it as text, as {@link DumpText} has it. */
    public void text(PrintStream out, boolean allFrames, boolean kernel) throws CannotStartException {
        new DumpText(allFrames, kernel).write(take(), out);
    }

    /** Takes it and writes it as JSON. */
    public void json(PrintStream out) throws CannotStartException {
        try {
            DumpJson.write(take(), out);
        } catch (IOException e) {
            throw new CannotStartException("the dump cannot be written: " + e.getMessage(), e);
        }
    }

    Dump take() throws CannotStartException {
        ProfileRequest request = new ProfileRequest(
                pids, false, false, Duration.ofSeconds(1), RATE, UnwindMode.AUTO, false, false, null, List.of());
        Preconditions.check(request);
        List<LiveProcess> targets = Targets.of(request, log).given();
        for (LiveProcess target : targets) {
            requireMemory(target.pid());
        }
        try (Sampling sampling = Sampling.load(request, targets, Budget.ofHeap(), this::firstOfEach, true)) {
            return take(sampling, targets);
        } catch (IOException e) {
            throw new CannotStartException("the dump failed: " + e.getMessage(), e);
        }
    }

    /** Of one's own processes as well it may take a right: Yama forbids it without. */
    private static void requireMemory(int pid) throws CannotStartException {
        try (ProcessMemory memory = ProcessMemory.view(pid)) {
            for (Mapping mapping : ProcMaps.readExecutable(pid)) {
                var _ = memory.read(mapping.start(), 1);
                return;
            }
        } catch (AccessDeniedException e) {
            throw memoryDenied(pid, e);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EPERM || e.errno() == Errno.EACCES) {
                throw memoryDenied(pid, e);
            }
        } catch (IOException _) {
            // has ended, which is found soon
        }
    }

    private static CannotStartException memoryDenied(int pid, IOException cause) {
        return new CannotStartException(
                "cannot read the memory of process " + pid
                        + ": permission denied: run as root (sudo), or with CAP_SYS_PTRACE",
                cause);
    }

    private Dump take(Sampling sampling, List<LiveProcess> targets) throws IOException {
        Instant time = Instant.now();
        ThreadList list = sampling.threads();
        Map<ThreadId, ThreadRecord> threads = list.now();
        long leftOut = list.leftOut();
        Set<ThreadId> wanted = new LinkedHashSet<>();
        threads.forEach((id, thread) -> {
            if (!thread.userless()) {
                wanted.add(id);
            }
        });
        sampling.startNaming();
        Map<Integer, String> pythons = new HashMap<>();
        targets.forEach(target -> pythons.put(target.pid(), sampling.python(target.pid())));
        try (StandingThreads standing = sampling.standing(list)) {
            read(standing, wanted, sampling);
            sample(sampling, wanted);
            sampling.stop();
            wanted.removeIf(thread -> taken.containsKey(thread.tid()));
            read(standing, wanted, sampling);
            List<StackCount> stacks = sampling.cut().stacks();
            Map<Integer, List<ThreadStack>> byProcess = byProcess(threads, wanted, stacks);
            return new Dump(
                    time,
                    standing.took(),
                    leftOut,
                    targets.stream()
                            .map(target -> new ProcessDump(
                                    target.pid(),
                                    command(target),
                                    pythons.getOrDefault(target.pid(), ""),
                                    tids(standing.gilHolders(target.pid()), target.pid(), threads),
                                    byProcess.getOrDefault(target.pid(), List.of())))
                            .toList());
        }
    }

    private void read(StandingThreads standing, Set<ThreadId> wanted, Sampling sampling) throws IOException {
        for (int number = 0; number < TRIES.length && !wanted.isEmpty(); number++) {
            boolean last = number == TRIES.length - 1;
            standing.read(
                    wanted, TRIES[number], one -> (last || !one.python().end().lost()) && add(one, sampling));
        }
    }

    private boolean add(StandingThread standing, Sampling sampling) {
        Sample sample = sampling.add(standing);
        ThreadRecord thread = standing.thread();
        taken.put(
                sample.tid(),
                new Taken(
                        StackSource.STANDING,
                        ThreadActivity.of(thread),
                        activities.call(thread),
                        sample.python().end()));
        return true;
    }

    /** Waits until each has its sample, or does not get one. */
    private void sample(Sampling sampling, Set<ThreadId> wanted) throws IOException {
        if (wanted.isEmpty()) {
            return;
        }
        wanted.forEach(thread -> running.add(thread.tid()));
        sampling.sample(RATE);
        long began = System.nanoTime();
        try {
            while (!running.isEmpty() && System.nanoTime() - began < LONGEST_SAMPLING_NANOS) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private SampleSink firstOfEach(SampleSink sink) {
        return (sample, copy) -> {
            if (running.remove(sample.tid())) {
                taken.put(
                        sample.tid(),
                        new Taken(
                                StackSource.SAMPLED,
                                Activity.RUNNING,
                                null,
                                sample.python().end()));
                sink.accept(sample, copy);
            }
        };
    }

    private Map<Integer, List<ThreadStack>> byProcess(
            Map<ThreadId, ThreadRecord> threads, Set<ThreadId> left, List<StackCount> stacks) {
        Map<Integer, StackCount> byThread = new HashMap<>();
        stacks.forEach(stack -> byThread.put(stack.tid(), stack));
        Map<Integer, List<ThreadStack>> byProcess = new HashMap<>();
        threads.forEach((id, thread) -> byProcess
                .computeIfAbsent(id.pid(), _ -> new ArrayList<>())
                .add(stack(thread, byThread.get(id.tid()), left.contains(id))));
        return byProcess;
    }

    private static @Nullable List<Integer> tids(
            @Nullable Set<Long> fsBases, int pid, Map<ThreadId, ThreadRecord> threads) {
        return fsBases == null
                ? null
                : threads.values().stream()
                        .filter(thread -> thread.id().pid() == pid && fsBases.contains(thread.fsBase()))
                        .map(thread -> thread.id().tid())
                        .toList();
    }

    private ThreadStack stack(ThreadRecord thread, @Nullable StackCount stack, boolean left) {
        Taken how = taken.get(thread.id().tid());
        if (stack == null || how == null) {
            return new ThreadStack(
                    thread.id().tid(),
                    thread.name(),
                    ThreadActivity.of(thread),
                    activities.call(thread),
                    thread.userless() ? StackSource.USERLESS : left ? StackSource.KEPT_RUNNING : StackSource.ENDED,
                    List.of(),
                    WalkEnd.NO_USER_STACK,
                    false,
                    PythonFrames.End.NONE);
        }
        return new ThreadStack(
                thread.id().tid(),
                thread.name(),
                how.activity(),
                how.call(),
                how.source(),
                stack.locations(),
                stack.end(),
                stack.guessed(),
                how.python());
    }

    private static String command(LiveProcess process) {
        try {
            return CommandLine.read(process.pid()).text();
        } catch (IOException _) {
            return process.comm();
        }
    }
}
