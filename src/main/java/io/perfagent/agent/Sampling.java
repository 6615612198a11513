package io.perfagent.agent;

import io.perfagent.activity.WaitCause;
import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.abi.ThreadRecord;
import io.perfagent.dump.StandingThread;
import io.perfagent.dump.StandingThreads;
import io.perfagent.dump.ThreadList;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.Budget;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Event;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Mapping;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.Sample;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.Wait;
import io.perfagent.model.WaitCauses;
import io.perfagent.model.WaitCounters;
import io.perfagent.model.WaitRequest;
import io.perfagent.model.Waking;
import io.perfagent.process.Image;
import io.perfagent.process.LiveProcess;
import io.perfagent.process.ProcessListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.process.ProcessWatch;
import io.perfagent.process.Started;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.Interval;
import io.perfagent.profile.StackAggregator;
import io.perfagent.python.life.ProcessFeed;
import io.perfagent.report.StartCost;
import io.perfagent.rewalk.Rewalk;
import io.perfagent.rewalk.StoppedSample;
import io.perfagent.runtime.cpython.PythonFunctions;
import io.perfagent.runtime.cpython.Pythons;
import io.perfagent.runtime.cpython.SentCodes;
import io.perfagent.runtime.gdbjit.JitImages;
import io.perfagent.runtime.hotspot.Jvms;
import io.perfagent.sample.CountedEvent;
import io.perfagent.sample.CpuClock;
import io.perfagent.sample.EventSource;
import io.perfagent.sample.OffCpu;
import io.perfagent.sample.SampleSink;
import io.perfagent.sample.Sampler;
import io.perfagent.symbolize.Namer;
import io.perfagent.walker.CodeMaps;
import io.perfagent.walker.CodeTables;
import io.perfagent.walker.MadeCode;
import io.perfagent.walker.TableCompilers;
import io.perfagent.walker.TargetBinaries;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The walker in the kernel, its tables and the sampler that reads it, opened and closed together. */
final class Sampling implements ProcessFeed, AutoCloseable {
    private static final long LONGEST_START_NANOS = 3_000_000_000L;
    private static final int CALM_MILLIS = 5;
    private static final long CALM_NANOS = 500_000_000;
    /** As long as the sampler holds samples back. */
    private static final long LONGEST_HOLD_NANOS = 1_000_000_000;

    private static final long LOOK_NANOS = 1_000_000;

    private final BpfObject object;
    private final ProfileRequest request;
    private final UnwindTables tables;
    private final Sampler sampler;
    private final ProcessTable processes;
    private final ProcessWatch watch;
    private final TableCompilers compilers;
    private final Namer namer;
    private final JitImages jits;
    private final Jvms jvms;
    private final Pythons pythons;
    private final CodeMaps maps;
    private final Rewalk rewalk;
    private final PythonFunctions functions;
    private final Recorder recorder;
    private final long walkerNanos;
    private long tablesNanos;
    private final CutGate gate;
    private final @Nullable WaitCuts waitCuts;
    private final @Nullable OffCpu offCpu;
    private boolean stopped;
    private volatile long startedAt = System.nanoTime();
    private volatile Consumer<Image> afterNaming = _ -> {};

    private Sampling(
            Opened opened,
            BpfObject object,
            TargetBinaries binaries,
            UnwindTables tables,
            Budget budget,
            ProfileRequest request,
            UnaryOperator<SampleSink> way,
            long walkerNanos)
            throws IOException {
        this.object = object;
        this.request = request;
        this.tables = tables;
        WaitCauses causes = new WaitCause();
        this.processes = new ProcessTable(scope(request));
        this.watch = new ProcessWatch(processes);
        opened.add(watch::close);
        this.compilers = new TableCompilers(tables);
        opened.add(compilers::close);
        this.maps = new CodeMaps(processes, tables, compilers);
        this.jits = new JitImages(binaries);
        this.jvms = new Jvms(binaries, tables);
        MadeCode made = new MadeCode(
                new RingBuffer(object.map("unknown_code"), SamplerConfig.UNKNOWN_CODE_BYTES),
                object.map("made_code"),
                tables,
                pid -> mappings(processes, pid));
        opened.add(made::close);
        CodeTables code = new CodeTables(tables, compilers, made);
        this.rewalk = new Rewalk(code, made, binaries, jvms::of, tables.dictionary(), request.unwind());
        opened.add(rewalk::close);
        this.pythons = new Pythons(binaries, tables);
        SentCodes sent = new SentCodes(new RingBuffer(object.map("code_objects"), SamplerConfig.CODE_OBJECT_BYTES));
        opened.add(sent::close);
        this.functions = new PythonFunctions(pythons, sent, budget);
        this.recorder = new Recorder(
                (int) ProcessHandle.current().pid(),
                processes,
                maps,
                code,
                rewalk,
                functions,
                stackWords(request),
                request.needsTimes());
        this.gate = new CutGate(recorder);
        this.sampler = new Sampler(
                object, WalkerObject.ringBytes(request), way.apply(gate), causes, watch::toldUntil, this::drained);
        opened.add(sampler::close);
        this.waitCuts = waitCuts(opened);
        this.offCpu = request.waits() == null ? null : new OffCpu(object);
        this.namer = new Namer(budget, processes, this::counted, functions, causes, image -> afterNaming.accept(image));
        this.walkerNanos = walkerNanos;
        maps.add(jits);
        maps.add(jvms);
        if (request.pythonFrames() == PythonFrameMode.AUTO) {
            maps.add(pythons);
        }
        maps.add(namer);
        watch.add(maps);
    }

    private @Nullable WaitCuts waitCuts(Opened opened) throws LinuxException {
        WaitRequest waits = request.waits();
        if (waits == null) {
            return null;
        }
        WaitCuts cuts = new WaitCuts(object, waits, request.sampleRate(), gate);
        opened.add(cuts::close);
        return cuts;
    }

    private void drained() {
        watchWakers();
        if (waitCuts != null) {
            waitCuts.drain();
        }
        recorder.drained();
        namer.hit();
    }

    /** Where somebody wants to know who they are: also whose waits for CPython's lock they end. */
    private void watchWakers() {
        try {
            WaitRequest waits = request.waits();
            if (waits != null && offCpu != null && (waits.wakers() || pythons.any())) {
                offCpu.watchWakeUps();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Mapping> mappings(ProcessTable processes, int pid) {
        Image image = processes.running(pid);
        return image == null ? List.of() : image.code();
    }

    private List<CountedStack> counted(Set<Integer> images) {
        return recorder.stacks(images, sampler);
    }

    /** Loads the walker and the tables of the targets, and begins to watch processes; takes no sample. */
    static Sampling load(
            ProfileRequest request, List<LiveProcess> targets, Budget budget, UnaryOperator<SampleSink> way)
            throws IOException, CannotStartException {
        return load(request, targets, budget, way, false);
    }

    /**
     * The same.
     *
     * @param listsThreads whether {@link #threads} will be asked for
     */
    static Sampling load(
            ProfileRequest request,
            List<LiveProcess> targets,
            Budget budget,
            UnaryOperator<SampleSink> way,
            boolean listsThreads)
            throws IOException, CannotStartException {
        long began = System.nanoTime();
        BpfObject object = WalkerObject.load(request, listsThreads);
        Sampling sampling = of(object, request, budget, way, System.nanoTime() - began);
        try {
            long loaded = System.nanoTime();
            for (LiveProcess target : targets) {
                sampling.load(target);
            }
            sampling.tablesNanos = System.nanoTime() - loaded;
            sampling.loadOthers(targets);
            sampling.watch.start();
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
            return new Sampling(opened, object, binaries, tables, budget, request, way, walkerNanos);
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /** Takes samples from now on, of all that is asked for. */
    void start() throws IOException {
        List<EventSource> sources = new ArrayList<>();
        for (Event event : request.events()) {
            switch (event) {
                case CPU_CLOCK -> sources.add(source(request));
                case OFF_CPU -> {}
                case WALL -> sources.add(new CpuClock(request.sampleRate()));
            }
        }
        if (offCpu != null) {
            watchWakers();
            sources.add(offCpu);
        }
        start(sources);
        namer.start();
    }

    private static EventSource source(ProfileRequest request) {
        SampledEvent sampled = request.sampled();
        return sampled.kind() == SampledEvent.Kind.CLOCK
                ? new CpuClock(request.sampleRate(), sampled.number())
                : new CountedEvent(sampled);
    }

    /** Takes samples of what runs from now on, unnamed. */
    void sample(int rate) throws IOException {
        start(List.of(new CpuClock(rate)));
    }

    private void start(List<EventSource> sources) throws IOException {
        rewalk.start();
        startedAt = sampler.start(sources);
    }

    /** CLOCK_MONOTONIC, from when on samples are taken. */
    long startedAt() {
        return startedAt;
    }

    /** Names what is known of the targets, from now on. */
    void startNaming() {
        namer.start();
    }

    /** Threads of the targets that wait. */
    ThreadList threads() throws LinuxException {
        return new ThreadList(object.iterate("list_threads"));
    }

    /** What reads these threads' stacks; its user closes it. */
    StandingThreads standing(ThreadList threads) {
        return new StandingThreads(threads, processes::running, functions.live());
    }

    /** Counts where a thread stands, and returns its stack; while no samples are taken. */
    Sample add(StandingThread standing) {
        return add(StandingSample.of(standing));
    }

    /** Counts what is known of a thread that stands, likewise. */
    Sample add(StoppedSample standing) {
        return recorder.add(standing);
    }

    /** Counts a wait of which no more is known than where in the kernel its thread was. */
    void addKernels(ThreadRecord thread, long weight, Wait wait, Waking waking) {
        Image image = processes.running(thread.id().pid());
        WaitRequest waits = request.waits();
        if (image != null && waits != null) {
            var _ = add(StandingSample.ofKernels(thread, image, waits.event(), weight, wait, waking));
        }
    }

    /** Version of a process's CPython, {@code 3.13}; empty where it has none that can be read. */
    String python(int pid) {
        Image image = processes.running(pid);
        Integer minor = image == null ? null : functions.live().minor(image);
        return minor == null ? "" : "3." + minor;
    }

    @Override
    public void listen(ProcessListener listener) {
        watch.add(listener);
    }

    @Override
    public void afterNaming(Consumer<Image> action) {
        afterNaming = action;
    }

    @Override
    public List<Image> running() {
        return processes.running().stream()
                .filter(image -> image.unread() || !image.code().isEmpty())
                .toList();
    }

    @Override
    public @Nullable Image running(int pid) {
        return processes.running(pid);
    }

    /** Returns when the tables of the start have been compiled, or have taken too long, and others are not for a moment: it fills the heap. */
    @Override
    public void awaitCalm() {
        try {
            while (compilers.pending() > 0 && System.nanoTime() - startedAt < LONGEST_START_NANOS) {
                Thread.sleep(CALM_MILLIS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        compilers.rest(CALM_NANOS);
    }

    @Override
    public void endCalm() {
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

    /** A thread that has failed has lost something since: no profile tells the truth then, so the run ends. */
    void check() {
        sampler.check();
        watch.check();
        compilers.check();
        rewalk.check();
        namer.check();
    }

    /** How far the run is. */
    Recorder.Progress progress() {
        return recorder.progress();
    }

    /** Takes no more samples. Those taken are counted for the processes that there were up to now. */
    void stop() throws IOException {
        if (waitCuts != null) {
            recorder.between(() -> part(waitCuts), sampler);
        }
        sampler.detach();
        watch.stop();
        sampler.stop();
        stopped = true;
        if (waitCuts != null) {
            read(waitCuts);
        }
        maps.finish();
        rewalk.finish();
        recorder.end();
        compilers.close();
        namer.settle();
        check();
    }

    private WaitCuts part(WaitCuts cuts) {
        try {
            cuts.part();
            sampler.holdFrom(cuts.partedAt());
            return cuts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private WaitCuts read(WaitCuts cuts) {
        try (StandingThreads standing = standing(threads())) {
            cuts.read(this, standing);
            return cuts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cuts off what was counted since the last cut, or since the start, and names it. */
    Namer.Named<Cut> cut() {
        if (waitCuts != null && !stopped) {
            recorder.between(() -> read(part(waitCuts)), sampler);
            awaitTold(waitCuts.partedAt());
        }
        return namer.name(this::cutOff, Cut::interval);
    }

    /** Samples from before a cut lie in the ring for as long as events of processes from before it are not told. */
    private void awaitTold(long nanos) {
        while (watch.toldUntil() < nanos && System.nanoTime() < nanos + LONGEST_HOLD_NANOS) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void drainParted() {
        if (waitCuts != null && !stopped) {
            sampler.drain(waitCuts.partedAt());
        }
    }

    private void beginInterval() {
        if (!stopped) {
            sampler.holdFrom(Long.MAX_VALUE);
            gate.open();
        }
    }

    private Cut cutOff() {
        try {
            Interval interval = recorder.cut(this::drainParted, this::beginInterval, sampler);
            OpenWaits open = OpenWaits.NONE;
            long nanos = System.nanoTime();
            if (waitCuts != null) {
                waitCuts.share(interval);
                open = waitCuts.open();
                nanos = waitCuts.nanos();
            }
            return new Cut(interval, counters(), waits(), open, rewalk.counters(), missed(), nanos);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LinesLeftOut linesLeftOut() {
        return namer.linesLeftOut();
    }

    private Missed missed() {
        return new Missed(
                watch.lost(),
                tables.withoutRoom(),
                tables.tablesWithoutMemory(),
                tables.tablesWithoutSlabs(),
                tables.fileWithoutTable(),
                compilers.leftOut(),
                compilers.pending(),
                jvms.endedUnreadable(),
                jvms.unreadable(),
                jits.notTaken(),
                pythons.refused(),
                namer.unnamed(),
                unpaced());
    }

    private long unpaced() {
        try {
            return CountedEvent.leftOut(object);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<Event, SamplerCounters> counters() throws LinuxException {
        Map<Event, SamplerCounters> counters = new EnumMap<>(Event.class);
        for (Event event : request.events()) {
            counters.put(event, sampler.counters(event));
        }
        return counters;
    }

    private WaitCounters waits() throws IOException {
        return offCpu == null ? WaitCounters.NONE : offCpu.counters();
    }

    StartCost startCost() {
        return new StartCost(
                walkerNanos,
                object.loadNanos(),
                tablesNanos,
                tables.tableBytes(),
                tables.cfiRows(),
                recorder.firstSampleNanos());
    }

    @Override
    public void close() {
        sampler.close();
        watch.close();
        compilers.close();
        rewalk.close();
        recorder.end();
        namer.close();
        functions.close();
        tables.close();
        object.close();
    }

    private void load(LiveProcess target) throws LinuxException, CannotStartException {
        try {
            maps.load(target.pid());
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

    /** What the targets have started before, or all that there are; the watch will tell what comes since. */
    private void loadOthers(List<LiveProcess> targets) throws IOException, CannotStartException {
        if (processes.scope() == Scope.ALL) {
            maps.loadAll();
        }
        if (processes.scope() == Scope.WITH_CHILDREN) {
            for (int pid : Started.by(targets)) {
                try {
                    maps.load(pid);
                } catch (LinuxException e) {
                    throw e;
                } catch (IOException _) {
                    // has ended, or is another user's
                }
            }
        }
    }

    /** While one interval is named the next fills: in a series each has half of the room. */
    private static int stackWords(ProfileRequest request) {
        return StackAggregator.DEFAULT_MAX_WORDS / (request.every() == null ? 1 : 2);
    }
}
