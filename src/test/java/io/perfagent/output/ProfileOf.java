package io.perfagent.output;

import io.perfagent.model.BuildId;
import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A small profile whose every number is known. 100 Hz, so that one sample is 10 ms. */
public final class ProfileOf {
    static final Module PYTHON = new Module(
            0x400000,
            0x500000,
            0,
            "/opt/python/bin/python3.12",
            new BuildId("0123456789abcdef0123456789abcdef01234567"));
    static final Module LIBC =
            new Module(0x7f0000000000L, 0x7f0000200000L, 0x26000, "/usr/lib/libc.so.6", new BuildId("feedface"));
    static final Module KERNEL = new Module(0xffffffff81000000L, 0xffffffff82000000L, 0, "[kernel.kallsyms]", null);

    static final Location START = nativeFrame(0x400100, PYTHON, "_start");
    static final Location EVAL = nativeFrame(0x400200, PYTHON, "_PyEval_EvalFrameDefault");
    static final Location MODULE = python(0x7e0000000000L, "<module>", "/srv/app.py");
    static final Location HANDLE = python(0x7e0000000020L, "Server.handle", "/srv/app.py");
    static final Location INIT_A = python(0x7e0000000040L, "__init__", "/srv/a.py");
    static final Location INIT_B = python(0x7e0000000060L, "__init__", "/srv/b.py");
    static final Location LOCAL = python(0x7e0000000080L, "f.<locals>.<lambda>", "<string>");
    static final Location MALLOC = nativeFrame(0x7f0000001000L, LIBC, "malloc");
    static final Location CPLUSPLUS = nativeFrame(0x7f0000002000L, LIBC, "_ZNSt6vectorIiSaIiEE9push_backEOi");
    static final Location READ =
            new Location(Location.Kind.KERNEL, 0xffffffff81000123L, KERNEL, new Call("vfs_read", ""));
    static final Location NAMELESS =
            Location.unnamed(0x7f0000003000L, LIBC, "[libc.so.6+0x29000]", SymbolMiss.NO_SYMBOL);

    static final Cgroup SERVICE = new Cgroup("/system.slice/shop.service", "", "");
    static final Cgroup POD =
            new Cgroup("/kubepods/pod0125ec2f/c0ffee", "c0ffee", "0125ec2f-b64a-4868-8f5b-94b56cbab864");

    private ProfileOf() {}

    public static Profile known() {
        return new Profile(
                Instant.parse("2026-02-03T04:05:06.789Z"),
                Duration.ofSeconds(30),
                100,
                List.of(
                        stack(10, 10, "gunicorn", 40, MALLOC, INIT_A, EVAL, HANDLE, EVAL, MODULE, EVAL, START),
                        stack(10, 11, "worker-1", 30, READ, INIT_B, EVAL, HANDLE, EVAL, MODULE, EVAL, START),
                        stack(12, 12, "gunicorn", 20, CPLUSPLUS, LOCAL, EVAL, MODULE, EVAL, START),
                        stack(12, 12, "gunicorn", 10, NAMELESS, EVAL)),
                List.of("perf-agent 0.1.0", "tag service=shop"));
    }

    private static StackCount stack(int pid, int tid, String name, long count, Location... locations) {
        WalkEnd end = locations[locations.length - 1].equals(START) ? WalkEnd.END_OF_STACK : WalkEnd.NO_TABLE;
        return new StackCount(pid, tid, name, pid == 12 ? POD : SERVICE, List.of(locations), end, false, count);
    }

    private static Location nativeFrame(long address, Module module, String function) {
        return new Location(Location.Kind.NATIVE, address, module, new Call(function, ""));
    }

    private static Location python(long address, String function, String file) {
        return new Location(Location.Kind.PYTHON, address, null, new Call(function, file));
    }
}
