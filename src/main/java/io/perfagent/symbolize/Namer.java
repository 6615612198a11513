package io.perfagent.symbolize;

import io.perfagent.model.Budget;
import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Location;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.RuntimeFrames;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.WaitCauses;
import io.perfagent.model.Waker;
import io.perfagent.process.Image;
import io.perfagent.process.ImageListener;
import io.perfagent.process.ProcessTable;
import io.perfagent.process.ProcessTable.Scope;
import io.perfagent.profile.CountedStack;
import io.perfagent.profile.CountedWaker;
import io.perfagent.profile.Interval;
import io.perfagent.thread.Questions;
import io.perfagent.thread.Worker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread that names intervals. Meanwhile it is told of the processes that will need names: of all processes those that a sample hit,
 * else all that are meant. What names their code is opened while they run, for later it is out of reach.
 *
 * <pre>
 *   an image   begins, maps code ─→ its binaries and its /tmp are opened
 *              ends ──────────────→ its perf map is read
 *              all is counted ────→ its addresses are named, its perf map is given up
 *              two intervals later → what is known of it is forgotten
 * </pre>
 */
public final class Namer implements ImageListener, Questions.Asked, AutoCloseable {
    /** Images that have names at a time; a run with more of them leaves the later ones without. */
    private static final int MOST_NAMED = 20_000;

    /** Who tells of something, {@link #hit} included, ends a wait. */
    private static final long LONGEST_WAIT_MILLIS = 500;

    /** While an interval is named: what begins meanwhile may end before all are. */
    private static final long LOOK_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Compiling a table takes seconds at most. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** Viewers have no place for what has no frame. */
    private static final Location NO_STACK = new Location(Location.Kind.OTHER, 0, null, new Call("[no stack]", ""));

    /** Looking for the addresses of those that have ended takes a pass over all stacks. */
    private static final long FINISH_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ProcessTable processes;
    private final Function<Set<Integer>, List<CountedStack>> counted;
    private final RuntimeFrames runtimes;
    private final WaitCauses causes;
    private final Consumer<Image> afterwards;
    private final Worker worker = new Worker("namer", "naming", this::work);
    private final Questions questions = new Questions();

    /** What has begun, changed or ended since the thread looked last; guarded by itself, as the next three are by it. */
    private final Set<Image> changed = new LinkedHashSet<>();

    private final List<Image> allCounted = new ArrayList<>();
    private boolean woken;
    private boolean closed;

    // What follows is of the thread.
    private final Symbolizer symbolizer;
    private final Cgroups cgroups = new Cgroups();
    private final Set<Image> named = new HashSet<>();
    /** By number of the image; all that the symbolizer knows. */
    private final Map<Integer, Told> told = new HashMap<>();
    /** Numbers of images that have ended, whose samples have all been counted, and that have a perf map. */
    private final Set<Integer> finished = new HashSet<>();

    private final Queue<Past> past = new ArrayDeque<>();
    private long finishedAt = System.nanoTime();
    private long lookedAt = System.nanoTime();
    private int intervals;
    private final AtomicLong unnamed = new AtomicLong();

    private record Told(Image image, Cgroup cgroup) {}

    /** Number of an image whose samples have all been counted, but for those that wait for a table. */
    private record Past(int number, int interval, long nanos) {}

    /**
     * A cut with names.
     *
     * @param stacks of its interval
     */
    public record Named<C>(C cut, List<StackCount> stacks) {}

    /**
     * Begins with {@link #start}.
     *
     * @param budget of what is kept to name code
     * @param counted gives the stacks of images, by their numbers, that the interval has which is not cut off yet
     * @param runtimes names the frames that are no addresses
     * @param causes says what threads waited for, once it is known where
     * @param afterwards what is to be done when all that there is to read of an image that has ended has been read
     */
    public Namer(
            Budget budget,
            ProcessTable processes,
            Function<Set<Integer>, List<CountedStack>> counted,
            RuntimeFrames runtimes,
            WaitCauses causes,
            Consumer<Image> afterwards) {
        this.symbolizer = new Symbolizer(budget);
        this.processes = processes;
        this.counted = counted;
        this.runtimes = runtimes;
        this.causes = causes;
        this.afterwards = afterwards;
    }

    public void start() {
        worker.start();
    }

    @Override
    public void known(Image image) {
        visitSoon(image);
    }

    @Override
    public void ended(Image image) {
        visitSoon(image);
    }

    @Override
    public void forgotten(Image image) {
        synchronized (changed) {
            allCounted.add(image);
        }
    }

    /**
     * Cuts an interval off and names it; waits for that. The cut is made by the thread that names, for what it gives up of images that have
     * ended depends on which interval their samples are in.
     */
    public <C> Named<C> name(Supplier<C> cut, Function<C, Interval> interval) {
        return questions.ask(
                () -> {
                    C made = cut.get();
                    return new Named<>(made, nameAll(interval.apply(made)));
                },
                this);
    }

    /** Returns when all that has been told so far has been done. */
    public void settle() {
        int _ = questions.ask(this::visitChanged, this);
    }

    /** Lines of perf maps that name nothing, so far. */
    public LinesLeftOut linesLeftOut() {
        return questions.ask(symbolizer::perfMapLinesLeftOut, this);
    }

    /** Images whose code has no names, for there were too many at a time. */
    public long unnamed() {
        return unnamed.get();
    }

    /** Throws where the thread has failed. */
    @Override
    public void check() {
        worker.check();
    }

    @Override
    public void wake() {
        synchronized (changed) {
            woken = true;
            changed.notifyAll();
        }
    }

    /** Samples have been read: what they hit for the first time is looked at now, for it may end. */
    public void hit() {
        if (processes.anyNewlySampled()) {
            wake();
        }
    }

    /** Returns when what has been told has been done. */
    @Override
    public void close() {
        synchronized (changed) {
            closed = true;
            changed.notifyAll();
        }
        worker.join();
        symbolizer.close();
    }

    private void visitSoon(Image image) {
        synchronized (changed) {
            changed.add(image);
            changed.notifyAll();
        }
    }

    private void work() throws InterruptedException {
        boolean last = false;
        while (!last) {
            last = awaitNews();
            int _ = visitChanged();
            takeCounted().forEach(this::note);
            nameFinished();
            symbolizer.readKernel(); // after what may be gone soon
            questions.answer();
        }
    }

    /** Returns whether no more will come. */
    private boolean awaitNews() throws InterruptedException {
        synchronized (changed) {
            if (changed.isEmpty() && !closed && !woken) {
                changed.wait(LONGEST_WAIT_MILLIS);
            }
            woken = false;
            return closed;
        }
    }

    private List<Image> takeChanged() {
        synchronized (changed) {
            List<Image> taken = List.copyOf(changed);
            changed.clear();
            return taken;
        }
    }

    private List<Image> takeCounted() {
        synchronized (changed) {
            List<Image> taken = List.copyOf(allCounted);
            allCounted.clear();
            return taken;
        }
    }

    /** Returns how many there were. */
    private int visitChanged() {
        int visited = 0;
        for (Image image = processes.takeNewlySampled(); image != null; image = processes.takeNewlySampled()) {
            visit(image);
            visited++;
        }
        List<Image> images = takeChanged();
        images.forEach(this::visit);
        return visited + images.size();
    }

    private void visit(Image image) {
        boolean last = image.ended();
        if (named.contains(image) || image.sampled() || (processes.scope() != Scope.ALL && !last)) {
            tell(image);
        }
        if (last) {
            afterwards.accept(image);
        }
    }

    private void tell(Image image) {
        boolean running = named.contains(image);
        if (!running && told.containsKey(image.number())) {
            return; // all has been told of one that has ended
        }
        if (!running && told.size() >= MOST_NAMED) {
            unnamed.incrementAndGet();
            return;
        }
        if (!running || !image.ended()) {
            add(image);
        }
        if (image.ended()) {
            named.remove(image);
            symbolizer.endProcess(image.number());
        }
    }

    private void add(Image image) {
        named.add(image);
        boolean ended = image.ended(); // its number may be another's by now
        told.computeIfAbsent(image.number(), _ -> new Told(image, ended ? Cgroup.UNKNOWN : cgroups.of(image.pid())));
        Image parent = image.forkedFrom();
        if (parent != null && !named.contains(parent)) {
            tell(parent);
        }
        if (image.sinceNanos() == 0) {
            symbolizer.addProcess(image.number(), image.pid(), image.code());
        } else {
            symbolizer.addProcess(image.number(), image.pid(), parent == null ? 0 : parent.number(), image.code());
        }
    }

    private void note(Image image) {
        if (!told.containsKey(image.number())) {
            runtimes.forget(image.number());
            return;
        }
        if (symbolizer.perfMapEntries(image.number()) > 0) {
            finished.add(image.number());
        }
        past.add(new Past(image.number(), intervals, System.nanoTime()));
    }

    /** Names the addresses of images that have ended, and gives up what the names were read from. */
    private void nameFinished() {
        if (finished.isEmpty() || System.nanoTime() - finishedAt < FINISH_PAUSE_NANOS) {
            return;
        }
        finishedAt = System.nanoTime();
        Set<Integer> numbers = new HashSet<>(finished);
        numbers.removeAll(ancestors());
        if (numbers.isEmpty()) {
            return;
        }
        finished.removeAll(numbers);
        for (CountedStack stack : counted.apply(numbers)) {
            List<Location> _ = user(stack.process(), stack.user());
        }
        numbers.forEach(symbolizer::forgetPerfMap);
    }

    /** Numbers of those that others were forked from, which run or are not forgotten yet: these may have run code that they have made. */
    private Set<Integer> ancestors() {
        Set<Integer> numbers = new HashSet<>();
        processes.running().forEach(image -> addAncestors(image, numbers));
        told.values().forEach(one -> addAncestors(one.image, numbers));
        return numbers;
    }

    private static void addAncestors(Image image, Set<Integer> numbers) {
        for (Image at = image.forkedFrom(); at != null; at = at.forkedFrom()) {
            numbers.add(at.number());
        }
    }

    private List<StackCount> nameAll(Interval interval) {
        List<StackCount> stacks = new ArrayList<>();
        int _ = visitChanged();
        interval.forEach(stack -> {
            lookAgain();
            stacks.add(name(stack));
        });
        intervals++;
        forgetPast();
        symbolizer.beginInterval();
        return stacks;
    }

    private void lookAgain() {
        if (System.nanoTime() - lookedAt >= LOOK_PAUSE_NANOS) {
            int _ = visitChanged();
            lookedAt = System.nanoTime();
        }
    }

    private Cgroup cgroup(int number) {
        Told one = told.get(number);
        return one == null ? Cgroup.UNKNOWN : one.cgroup;
    }

    private StackCount name(CountedStack stack) {
        List<Location> locations = new ArrayList<>(stack.kernel().length + stack.user().length);
        locations.addAll(kernel(stack.kernel()));
        locations.addAll(user(stack.process(), stack.user()));
        if (locations.isEmpty()) {
            locations.add(NO_STACK);
        }
        return new StackCount(
                stack.pid(),
                stack.tid(),
                stack.threadName(),
                cgroup(stack.process()),
                locations,
                stack.end(),
                stack.guessed(),
                stack.count(),
                stack.times(),
                new ThreadActivity(
                        causes.refined(stack.state(), locations),
                        stack.waits(),
                        stack.gil().role() == GilUse.Role.HELD,
                        holder(stack),
                        waker(stack.waker()),
                        stack.descriptor()));
    }

    private List<Location> kernel(long[] addresses) {
        List<Location> locations = new ArrayList<>(addresses.length);
        for (long address : addresses) {
            locations.add(symbolizer.kernel(address));
        }
        return locations;
    }

    private @Nullable Waker waker(@Nullable CountedWaker waker) {
        if (waker == null || waker.kind() != Waker.Kind.THREAD) {
            return waker == null ? null : Waker.of(waker.kind());
        }
        List<Location> kernel = WakingCode.of(kernel(waker.kernel()));
        if (WakingCode.isInterrupt(kernel)) {
            return Waker.of(Waker.Kind.INTERRUPT);
        }
        List<Location> locations = new ArrayList<>(kernel);
        locations.addAll(waker.process() == 0 ? List.of() : user(waker.process(), waker.user()));
        return new Waker(Waker.Kind.THREAD, waker.pid(), waker.tid(), waker.threadName(), locations);
    }

    private @Nullable GilHolder holder(CountedStack stack) {
        GilUse gil = stack.gil();
        if (gil.role() != GilUse.Role.AWAITED) {
            return null;
        }
        Location frame = gil.code() == 0 ? null : runtimes.location(stack.process(), gil.code(), gil.detail());
        return new GilHolder(gil.holder(), gil.tid(), frame);
    }

    private List<Location> user(int process, long[] words) {
        List<Location> locations = new ArrayList<>(words.length);
        boolean read = false;
        for (int at = 0; at < words.length; at++) {
            if (PythonFrames.isFrame(words[at]) && at + 1 < words.length) {
                Location location = runtimes.location(process, words[at], words[++at]);
                if (location != null) {
                    locations.add(location);
                }
                read = true;
            } else {
                locations.add(symbolizer.user(process, words[at]));
            }
        }
        return read ? OnePerFunction.of(locations) : locations;
    }

    /** Samples that wait for a table may come long after all others have been counted. */
    private void forgetPast() {
        Set<Integer> needed = ancestors();
        List<Past> kept = new ArrayList<>();
        for (Past one = past.poll(); one != null; one = past.poll()) {
            boolean late = one.interval > intervals - 2 || System.nanoTime() - one.nanos < LATE_NANOS;
            if (late || needed.contains(one.number)) {
                kept.add(one);
            } else {
                told.remove(one.number);
                finished.remove(one.number);
                symbolizer.forgetProcess(one.number);
                runtimes.forget(one.number);
            }
        }
        past.addAll(kept);
    }
}
