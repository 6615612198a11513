package io.perfagent.agent;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.LibbpfMissingException;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.SamplerObject;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Frame;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCopies;
import io.perfagent.model.StackCount;
import io.perfagent.process.Image;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.ProcessListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.process.ProcessWatch;
import io.perfagent.procfs.PidNamespace;
import io.perfagent.profile.CountedStack;
import io.perfagent.sample.SampleSink;
import io.perfagent.sample.Sampler;
import io.perfagent.symbolize.Symbolizer;
import io.perfagent.walker.TableCompilers;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The walker in the kernel, its tables and the sampler that reads it, opened and closed together. */
final class Sampling implements AutoCloseable {
    /** A CPU fills this in a tenth of a second at 999 Hz with two thousand frames a stack; the ring is read more often. */
    private static final int RING_BYTES_PER_CPU = 2 << 20;
    /** The first samples of a whole machine bring parts of their stacks along, some 12 KiB each. */
    private static final int RING_BYTES_PER_CPU_OF_ALL = 4 << 20;

    private static final int LARGEST_RING_BYTES = 64 << 20;
    /** The kernel makes room for all of them when the walker is loaded, which takes milliseconds. */
    private static final int PROCESSES = 8_192;

    private static final int PROCESSES_OF_ALL = 65_536;
    private static final long LONGEST_START_NANOS = 3_000_000_000L;
    private static final int CALM_MILLIS = 5;
    private static final long CALM_NANOS = 500_000_000;

    private final BpfObject object;
    private final UnwindTables tables;
    private final Sampler sampler;
    private final ProcessTable processes;
    private final ProcessWatch watch;
    private final TableCompilers compilers;
    private final ProcessNames names;
    private final Jvms jvms;
    private final CodeMaps code;
    private final UserWalks walks;
    private final Collector collector;
    private final long walkerNanos;
    private long tablesNanos;
    private volatile long startedAt = System.nanoTime();

    private Sampling(
            Opened opened,
            BpfObject object,
            TargetBinaries binaries,
            UnwindTables tables,
            ProfileRequest request,
            UnaryOperator<SampleSink> way,
            long walkerNanos)
            throws IOException {
        this.object = object;
        this.tables = tables;
        this.processes = new ProcessTable(scope(request));
        this.watch = new ProcessWatch(processes);
        opened.add(watch::close);
        this.compilers = new TableCompilers(tables);
        opened.add(compilers::close);
        this.names = new ProcessNames(processes);
        opened.add(names::close);
        this.jvms = new Jvms(binaries, tables);
        this.code = new CodeMaps(processes, tables, compilers, names, jvms);
        this.walks = new UserWalks(code, binaries, tables.dictionary(), request.unwind());
        this.collector = new Collector((int) ProcessHandle.current().pid(), processes, code, walks);
        opened.add(collector::close);
        this.sampler = new Sampler(object, ringBytes(request), way.apply(collector), watch::toldUntil);
        this.walkerNanos = walkerNanos;
        watch.add(code);
    }

    /** Loads the walker and the tables of the targets, and begins to watch processes; takes no sample. */
    static Sampling load(
            ProfileRequest request, List<LiveProcess> targets, Budget budget, UnaryOperator<SampleSink> way)
            throws IOException, CannotStartException {
        long began = System.nanoTime();
        BpfObject object = loadObject(request);
        Sampling sampling = of(object, request, budget, way, System.nanoTime() - began);
        try {
            long loaded = System.nanoTime();
            for (LiveProcess target : targets) {
                sampling.load(target);
            }
            sampling.tablesNanos = System.nanoTime() - loaded;
            sampling.watch.start();
            sampling.loadStarted(targets);
            return sampling;
        } catch (IOException | CannotStartException | RuntimeException | Error e) {
            sampling.close();
            throw e;
        }
    }

    private static Scope scope(ProfileRequest request) {
        if (request.allProcesses()) {
            return Scope.ALL;
        }
        return request.children() ? Scope.WITH_CHILDREN : Scope.ADDED;
    }

    private static Sampling of(
            BpfObject object, ProfileRequest request, Budget budget, UnaryOperator<SampleSink> way, long walkerNanos)
            throws IOException {
        Opened opened = new Opened();
        opened.add(object::close);
        try {
            TargetBinaries binaries = new TargetBinaries();
            UnwindTables tables = new UnwindTables(object.map("slabs"), object.map("processes"), binaries, budget);
            opened.add(tables::close);
            return new Sampling(opened, object, binaries, tables, request, way, walkerNanos);
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** Takes samples from now on; of all processes, the code becomes known meanwhile. */
    void start(int rate) throws IOException {
        sampler.start(rate);
        startedAt = System.nanoTime();
        if (processes.scope() == Scope.ALL) {
            code.loadAll();
        }
    }

    /** Tells of what happens to the processes that are meant, from now on. */
    void listen(ProcessListener listener) {
        watch.add(listener);
    }

    /** Has something done with what has ended, once its names have been read. */
    void afterNaming(Consumer<Image> action) {
        names.afterwards(action);
    }

    /** PIDs of all that are meant and run code. */
    List<Integer> running() {
        return processes.running().stream()
                .filter(image -> image.unread() || !image.code().isEmpty())
                .map(Image::pid)
                .toList();
    }

    /** Returns when the tables of the start have been compiled, or have taken too long, and others are not for a moment: it fills the heap. */
    void awaitCalm() {
        try {
            while (compilers.pending() > 0 && System.nanoTime() - startedAt < LONGEST_START_NANOS) {
                Thread.sleep(CALM_MILLIS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        compilers.rest(CALM_NANOS);
    }

    /** What {@link #awaitCalm} was for is done. */
    void endCalm() {
        compilers.resume();
    }

    /** Whether one of the targets or of their children runs; one that is missed in events counts until it is looked for. */
    boolean anyRunning() {
        for (Image image : processes.running()) {
            if (Files.exists(Path.of("/proc", Integer.toString(image.pid()), "exe"), LinkOption.NOFOLLOW_LINKS)) {
                return true;
            }
        }
        return false;
    }

    void tellSymbolizer(Symbolizer symbolizer) {
        names.tell(symbolizer);
    }

    /** Learns of code that samples hit and the walker did not know. */
    void refresh() throws LinuxException {
        check();
        code.refresh(collector.takeUnknownCode());
        collector.goOn();
        Set<Integer> finished = names.takeFinished();
        names.nameFinished(finished, visitor -> collector.forEach(finished::contains, visitor));
    }

    /** A thread that has failed has lost something since: no profile tells the truth then, so the run ends. */
    private void check() {
        sampler.check();
        watch.check();
        compilers.check();
        names.check();
    }

    void show(StatusLine status, Duration elapsed, Duration total) {
        long samples = collector.samples();
        status.update(elapsed, total, samples, Math.round(samples * collector.completeShare()));
    }

    /** Takes no more samples. Those taken are counted for the processes that there were up to now. */
    void stop() throws LinuxException {
        sampler.detach();
        watch.stop();
        sampler.stop();
        code.refresh(collector.takeUnknownCode());
        collector.finish();
        compilers.close();
        code.tellOfSampled();
        names.close();
        check();
    }

    UserWalks walks() {
        return walks;
    }

    /** What the run has missed of processes, a line for each cause that occurred. */
    List<String> missed() {
        List<String> lines = new ArrayList<>();
        count(lines, watch.lost(), "events of processes were lost, for they came too fast");
        count(lines, tables.withoutRoom(), "times the walker could not be told of a process's code, for want of room");
        count(lines, tables.tablesWithoutMemory(), "unwind tables had no room in memory to be made in");
        count(lines, tables.tablesWithoutSlabs(), "unwind tables found no room among those of the walker");
        count(lines, compilers.pending() + compilers.leftOut(), "unwind tables were not ready by the end");
        count(lines, collector.unknownProcess(), "samples were left out: their PID was a target's before");
        count(lines, jvms.unreadable(), "JVMs have not said where their code is");
        count(lines, names.unnamed(), "processes have no names, for there were too many");
        return lines;
    }

    private static void count(List<String> lines, long count, String what) {
        if (count > 0) {
            lines.add("missed: " + count + " " + what);
        }
    }

    Collector collector() {
        return collector;
    }

    SamplerCounters counters() throws LinuxException {
        return sampler.counters();
    }

    StartCost startCost() {
        return new StartCost(
                walkerNanos,
                object.loadNanos(),
                tablesNanos,
                tables.tableBytes(),
                tables.cfiRows(),
                collector.firstSampleNanos());
    }

    /** The stacks with names. */
    List<StackCount> name(Symbolizer symbolizer) {
        List<StackCount> named = new ArrayList<>();
        collector.forEach(stack -> named.add(name(stack, symbolizer)));
        return named;
    }

    @Override
    public void close() {
        sampler.close();
        watch.close();
        compilers.close();
        collector.close();
        names.close();
        tables.close();
        object.close();
    }

    private void load(LiveProcess target) throws LinuxException, CannotStartException {
        try {
            code.load(target.pid());
        } catch (LinuxException e) {
            throw e;
        } catch (AccessDeniedException e) {
            throw new CannotStartException(
                    "cannot read the mappings of process " + target.pid() + ": permission denied (" + e.getMessage()
                            + "), whatever capabilities perf-agent has: a security module or the process's user namespace"
                            + " forbids it; give another process",
                    e);
        } catch (IOException e) {
            throw new CannotStartException(
                    "cannot read the mappings of process " + target.pid() + " (" + e.getMessage()
                            + "): it may have ended; give one that runs",
                    e);
        }
    }

    /** What the targets have started before: from now on the watch tells what they start. */
    private void loadStarted(List<LiveProcess> targets) throws LinuxException, CannotStartException {
        if (processes.scope() == Scope.WITH_CHILDREN) {
            for (int pid : Targets.started(targets)) {
                try {
                    code.load(pid);
                } catch (LinuxException e) {
                    throw e;
                } catch (IOException _) {
                    // has ended, or is another user's
                }
            }
        }
    }

    /** A power of two, as the kernel wants it. */
    private static int ringBytes(ProfileRequest request) throws IOException {
        long wanted =
                (long) Cpus.possible() * (request.allProcesses() ? RING_BYTES_PER_CPU_OF_ALL : RING_BYTES_PER_CPU);
        return (int) Math.min(LARGEST_RING_BYTES, Long.highestOneBit(2 * wanted - 1));
    }

    private static BpfObject loadObject(ProfileRequest request) throws IOException, CannotStartException {
        try {
            return SamplerObject.load(new SamplerConfig(
                    Cpus.possible(),
                    request.allProcesses() ? PROCESSES_OF_ALL : PROCESSES,
                    ringBytes(request),
                    request.unwind(),
                    request.allProcesses(),
                    StackCopies.UNKNOWN_CODE,
                    PidNamespace.own()));
        } catch (LibbpfMissingException e) {
            throw new CannotStartException(String.valueOf(e.getMessage()), e);
        } catch (LinuxException e) {
            throw new CannotStartException(refusal(e), e);
        }
    }

    private static String refusal(LinuxException e) {
        if (e.errno() == Errno.ENOMEM) {
            return "no memory for the sampling program (" + e.getMessage()
                    + "): raise the memory limit of this cgroup (memory.max) or that of locked memory (ulimit -l);"
                    + " --pid takes less than -a";
        }
        return "the kernel refused the sampling program (" + e.getMessage()
                + "): it needs Linux 5.17 or later, CAP_BPF and CAP_PERFMON, and no lockdown";
    }

    private StackCount name(CountedStack stack, Symbolizer symbolizer) {
        List<Frame> frames = new ArrayList<>(stack.kernel().length + stack.user().length);
        for (long address : stack.kernel()) {
            frames.add(symbolizer.kernel(address));
        }
        for (long address : stack.user()) {
            frames.add(symbolizer.user(stack.process(), address));
        }
        return new StackCount(
                stack.pid(),
                stack.tid(),
                stack.threadName(),
                names.cgroup(stack.process()),
                frames,
                stack.end(),
                stack.guessed(),
                stack.count());
    }
}
