package io.perfagent.bench;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A profile of any size, shaped like that of a Python service: the same every time. */
public final class SyntheticProfile {
    private static final Duration DURATION = Duration.ofMinutes(1);
    private static final int FUNCTIONS = 6000;
    private static final int THREADS = 16;
    private static final int PYTHON_DEPTH = 30;
    private static final Module PYTHON = new Module(0x400000, 0x900000, 0, "/usr/bin/python3.12", null);
    private static final Module LIBC = new Module(0x7f0000000000L, 0x7f0000200000L, 0, "/usr/lib/libc.so.6", null);
    private static final Module KERNEL =
            new Module(0xffffffff81000000L, 0xffffffff82000000L, 0, "[kernel.kallsyms]", null);

    private final Random random = new Random(1);
    private final Map<String, Location> locations = new HashMap<>();

    private SyntheticProfile() {}

    public static Profile of(int stacks, int samples) {
        return new SyntheticProfile().make(stacks, samples);
    }

    private Profile make(int stacks, int samples) {
        Map<List<Location>, StackCount> made = new LinkedHashMap<>();
        while (made.size() < stacks) {
            List<Location> stack = stack();
            made.putIfAbsent(stack, counted(stack, 1 + random.nextInt(2 * samples / stacks - 1)));
        }
        return new Profile(
                Instant.parse("2026-11-29T12:00:00Z"),
                0,
                DURATION,
                99,
                List.copyOf(made.values()),
                List.of("perf-agent synthetic"),
                new RunAccount(
                        List.of("perf-agent synthetic"),
                        "samples: " + samples + " taken, 0 dropped",
                        "complete user stacks: 99.80 %",
                        List.of("cut stacks: 400 address without call-frame information"),
                        List.of(),
                        List.of()));
    }

    private StackCount counted(List<Location> stack, int count) {
        int thread = random.nextInt(THREADS);
        return new StackCount(
                4711 + thread / 4,
                4711 + thread,
                thread % 4 == 0 ? "gunicorn" : "worker-" + thread,
                Cgroup.UNKNOWN,
                stack,
                random.nextInt(500) == 0 ? WalkEnd.NO_RULE : WalkEnd.END_OF_STACK,
                false,
                count,
                random.longs(count, 0, DURATION.toNanos()).sorted().toArray());
    }

    /** Leaf first. Calls branch as programs' do: mostly to a few functions, now and then to one of many. */
    private List<Location> stack() {
        List<Location> outermostFirst = new ArrayList<>();
        outermostFirst.add(natively(LIBC, "__libc_start_main", Location.Kind.NATIVE));
        outermostFirst.add(natively(PYTHON, "Py_BytesMain", Location.Kind.NATIVE));
        int depth = PYTHON_DEPTH / 2 + random.nextInt(PYTHON_DEPTH);
        int function = 0;
        for (int level = 0; level < depth; level++) {
            outermostFirst.add(natively(PYTHON, "_PyEval_EvalFrameDefault", Location.Kind.NATIVE));
            function = callee(function, level);
            outermostFirst.add(python(function, random.nextInt(PYTHON_DEPTH) < level / 4 ? 1 : 0));
        }
        switch (random.nextInt(4)) {
            case 0 -> outermostFirst.add(natively(PYTHON, "PyDict_GetItem" + random.nextInt(9), Location.Kind.NATIVE));
            case 1 -> outermostFirst.add(natively(LIBC, "malloc" + random.nextInt(9), Location.Kind.NATIVE));
            case 2 -> outermostFirst.add(natively(KERNEL, "vfs_read" + random.nextInt(9), Location.Kind.KERNEL));
            default -> outermostFirst.add(natively(PYTHON, "_PyEval_EvalFrameDefault", Location.Kind.NATIVE));
        }
        return List.copyOf(outermostFirst.reversed());
    }

    /** One that a function nearly always calls, or one of some others: the deeper, the more often. */
    private int callee(int function, int level) {
        int other = random.nextInt(2 * PYTHON_DEPTH) < level ? 1 + random.nextInt(5) : 0;
        return (function * 7 + other + 1) % FUNCTIONS;
    }

    private Location python(int function, int line) {
        return locations.computeIfAbsent(
                "py" + function + ":" + line,
                _ -> new Location(
                        Location.Kind.PYTHON,
                        0,
                        null,
                        new Call(
                                "Class" + function / 12 + ".method_" + function,
                                "/srv/shop/package" + function / 200 + "/module_" + function / 40 + ".py",
                                10 + 30 * (function % 40) + line * 3,
                                10 + 30 * (function % 40))));
    }

    private Location natively(Module module, String name, Location.Kind kind) {
        return locations.computeIfAbsent(
                name, _ -> new Location(kind, module.start() + locations.size(), module, new Call(name, "")));
    }
}
