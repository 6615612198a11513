package io.perfagent.top;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Event;
import io.perfagent.model.LinesLeftOut;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.OpenWaits;
import io.perfagent.model.Profile;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.RunAccount;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WaitCounters;
import io.perfagent.model.WalkEnd;
import io.perfagent.model.WallTotals;
import io.perfagent.profile.Completeness;
import io.perfagent.profile.Naming;
import io.perfagent.profile.PythonReading;
import io.perfagent.report.RunFacts;
import io.perfagent.report.StartCost;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** An interval of a second at 100 Hz whose every number is known: one sample is 1 %. */
public final class Shop {
    static final Module LIBPYTHON = module("/usr/lib/libpython3.12.so.1.0");
    static final Module LIBC = module("/usr/lib/libc.so.6");
    static final Location EVAL = nativeCode(LIBPYTHON, "_PyEval_EvalFrameDefault");
    static final Location SORT = nativeCode(LIBPYTHON, "list_sort_impl");
    static final Location COLLECT = nativeCode(LIBPYTHON, "gc_collect_main");
    static final Location MEMCPY = nativeCode(LIBC, "memcpy");
    static final Location READ =
            new Location(Location.Kind.KERNEL, 9, module("[kernel.kallsyms]"), new Call("vfs_read", ""));
    static final Location NAMELESS = Location.unnamed(7, LIBC, "[libc.so.6+0x29000]", SymbolMiss.NO_SYMBOL);
    static final Location RENDER_AT_34 = python("Page.render", "/srv/shop/page.py", 34, 30);
    static final Location RENDER_AT_36 = python("Page.render", "/srv/shop/page.py", 36, 30);
    static final Location FACTORIAL_AT_5 = python("factorial", "/srv/shop/sums.py", 5, 3);
    static final Location FACTORIAL_AT_6 = python("factorial", "/srv/shop/sums.py", 6, 3);
    static final Location HANDLE = python("handle", "/srv/shop/app.py", 12, 10);

    private Shop() {}

    /** Python 40, interpreter 35 with 5 of them in the collector, native 15, kernel 10. */
    static Slice second() {
        return slice(List.of(
                stack(10, "gunicorn", 30, RENDER_AT_34, EVAL, HANDLE, EVAL),
                stack(10, "gunicorn", 30, SORT, RENDER_AT_36, EVAL, HANDLE, EVAL),
                stack(10, "gunicorn", 5, COLLECT, RENDER_AT_36, EVAL, HANDLE, EVAL),
                stack(
                        11,
                        "worker-1",
                        10,
                        FACTORIAL_AT_6,
                        EVAL,
                        FACTORIAL_AT_5,
                        EVAL,
                        FACTORIAL_AT_5,
                        EVAL,
                        HANDLE,
                        EVAL),
                stack(11, "worker-1", 15, MEMCPY),
                stack(11, "worker-1", 10, READ, HANDLE, EVAL)));
    }

    /** What is known of it where walkers have counted this. */
    public static RunFacts facts(SamplerCounters kernels, RewalkCounters users) {
        return slice(second().profile().stacks(), kernels, users).facts();
    }

    static Slice slice(List<StackCount> stacks) {
        return slice(stacks, SamplerCounters.NONE, RewalkCounters.NONE);
    }

    private static Slice slice(List<StackCount> stacks, SamplerCounters kernels, RewalkCounters users) {
        Completeness completeness = new Completeness();
        stacks.forEach(stack -> completeness.add(stack.end(), stack.guessed(), stack.count()));
        RunFacts facts = new RunFacts(
                Event.CPU_CLOCK,
                stacks,
                Naming.of(Event.CPU_CLOCK, stacks),
                completeness,
                new PythonReading(),
                0,
                0,
                0,
                kernels,
                users,
                List.of(),
                LinesLeftOut.NONE,
                new StartCost(0, 0, 0, 0, 0, 0),
                List.of(),
                false,
                WaitCounters.NONE,
                List.of(),
                Duration.ofSeconds(1),
                OpenWaits.NONE,
                WallTotals.NONE,
                List.of());
        Profile profile = new Profile(Instant.EPOCH, 0, Duration.ofSeconds(1), 100, stacks, List.of(), RunAccount.NONE);
        return new Slice(profile, facts);
    }

    static StackCount stack(int tid, String thread, long count, Location... locations) {
        return new StackCount(10, tid, thread, Cgroup.UNKNOWN, List.of(locations), WalkEnd.END_OF_STACK, false, count);
    }

    static StackCount cut(long count, Location... locations) {
        return new StackCount(10, 10, "gunicorn", Cgroup.UNKNOWN, List.of(locations), WalkEnd.NO_TABLE, false, count);
    }

    static Location python(String function, String file, int line, int startLine) {
        return new Location(Location.Kind.PYTHON, 0, null, new Call(function, file, line, startLine));
    }

    private static Location nativeCode(Module module, String function) {
        return new Location(Location.Kind.NATIVE, 1, module, new Call(function, ""));
    }

    private static Module module(String path) {
        return new Module(0, 100, 0, path, null);
    }
}
