package io.perfagent.agent;

import io.perfagent.linux.Errno;
import io.perfagent.linux.Fd;
import io.perfagent.linux.LinuxException;
import io.perfagent.linux.PerfEvent;
import io.perfagent.linux.Tracepoint;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.SampledEvent;
import io.perfagent.procfs.ProcStatus;
import io.perfagent.procfs.UserMap;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.sample.CountedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What must hold before anything is touched: targets that can be profiled, a kernel that can, and the right to. */
public final class Preconditions {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

    /** Of kernels with PREEMPT_RT only. */
    private static final Path REALTIME = Path.of("/sys/kernel/realtime");

    private static final Path PARANOID = Path.of("/proc/sys/kernel/perf_event_paranoid");

    private static final String WHAT_ATTACHING_TAKES = " (" + InjectRefusal.PTRACE_EPERM.label()
            + ": --inject-python attaches to processes, which takes CAP_SYS_PTRACE whatever"
            + " /proc/sys/kernel/yama/ptrace_scope says, and CAP_DAC_OVERRIDE for those of other users)";

    private Preconditions() {}

    /** Returns where the request can be carried out; throws the first reason why not. */
    public static void check(ProfileRequest request) throws CannotStartException {
        requireWalker(System.getProperty("os.arch"));
        requireOwnProc();
        List<TargetProcess> targets = Targets.given(request.pids(), _ -> {});
        KernelVersion.parse(read(RELEASE)).requireBpfLoop();
        requireKernelTypes(KERNEL_TYPES);
        requireCapabilities(Rights.self(), request, targets);
        requirePerfEvents();
        requireTimers(request, REALTIME);
        requireEvent(request.sampled());
    }

    /** Stacks of waits are taken by timers, which kernels with PREEMPT_RT leave to a thread: too late. */
    static void requireTimers(ProfileRequest request, Path realtime) throws CannotStartException {
        if (request.waits() != null && Files.exists(realtime)) {
            throw new CannotStartException("time off the CPU cannot be recorded by this kernel, which is built with"
                    + " PREEMPT_RT: leave out --off-cpu and --wall, or use a kernel without");
        }
    }

    /** Only trying tells whether a machine has it. */
    private static void requireEvent(SampledEvent event) throws CannotStartException {
        if (event.kind() == SampledEvent.Kind.CLOCK) {
            return;
        }
        try (Fd _ = CountedEvent.open(event, 0)) {
            return;
        } catch (Tracepoint.MissingException e) {
            throw new CannotStartException("--event " + event.name() + ": " + e.getMessage(), e);
        } catch (LinuxException e) {
            boolean without = e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV || e.errno() == Errno.EOPNOTSUPP;
            throw new CannotStartException(
                    "--event " + event.name() + ": "
                            + (without && event.kind() == SampledEvent.Kind.HARDWARE
                                    ? "there are no hardware counters here, as in most virtual machines: leave --event"
                                            + " out to sample time, or run on a machine that has them"
                                    : "the kernel refuses it (" + e.getMessage()
                                            + "): leave --event out to sample time"),
                    e);
        } catch (IOException e) {
            throw new CannotStartException(
                    "--event " + event.name() + ": its number cannot be read (" + e.getMessage() + "): run as root", e);
        }
    }

    /** The same for a run that only counts: it looks into no process. */
    public static void checkCounting(ProfileRequest request) throws CannotStartException {
        requireWalker(System.getProperty("os.arch"));
        requireOwnProc();
        List<TargetProcess> _ = Targets.given(request.pids(), _ -> {});
        KernelVersion.parse(read(RELEASE)).requireBpfLoop();
        requireKernelTypes(KERNEL_TYPES);
        requireCapabilities(Rights.self().effectiveCapabilities(), wanted(false, false, false), false);
        requirePerfEvents();
    }

    /** Numbers in /proc are those that the kernel takes from us, and that the user means. */
    static void requireOwnProc() throws CannotStartException {
        requireOwnProc(Rights.self());
    }

    /** NSpid has a number for the namespace that /proc was mounted in, and one for each below it down to our own. */
    static void requireOwnProc(ProcStatus self) throws CannotStartException {
        if (self.numbers("NSpid").size() > 1) {
            throw new CannotStartException(
                    "/proc shows another PID namespace than the one that perf-agent runs in: mount"
                            + " its own (mount -t proc proc /proc), or run perf-agent in the host's (docker run --pid=host,"
                            + " hostPID in a pod)");
        }
    }

    /** The program of {@code bpf/} and the tables that it searches know the registers of one architecture. */
    static void requireWalker(String architecture) throws CannotStartException {
        if (!architecture.equals("amd64")) {
            throw new CannotStartException("stacks cannot be walked on " + architecture
                    + " yet: the BPF walker and the unwind tables are written for x86-64");
        }
    }

    static void requireKernelTypes(Path btf) throws CannotStartException {
        if (!Files.isReadable(btf)) {
            throw new CannotStartException("the kernel does not describe its types, " + btf
                    + " is missing: use a kernel built with CONFIG_DEBUG_INFO_BTF=y");
        }
    }

    private static void requireCapabilities(ProcStatus self, ProfileRequest request, List<TargetProcess> targets)
            throws CannotStartException {
        String uid = TargetProcess.effectiveUid(self);
        boolean others = request.allProcesses() || !targets.stream().allMatch(target -> target.ownedBy(uid));
        boolean othersMemory = targets.stream().anyMatch(target -> !target.memoryOwnedBy(uid));
        Set<Capability> wanted = wanted(others, request.injectPython(), othersMemory);
        requireCapabilities(self.effectiveCapabilities(), wanted, request.injectPython());
    }

    /**
     * What a run cannot do without.
     *
     * @param others whether processes of other users are profiled
     * @param inject whether Python functions are to be named
     * @param othersMemory whether the memory of one of the targets belongs to another user
     */
    static Set<Capability> wanted(boolean others, boolean inject, boolean othersMemory) {
        Set<Capability> wanted = EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON);
        if (others || inject) {
            wanted.add(Capability.CAP_SYS_PTRACE);
        }
        if (inject && othersMemory) {
            wanted.add(Capability.CAP_DAC_OVERRIDE);
        }
        return wanted;
    }

    static void requireCapabilities(long effective, Set<Capability> wanted, boolean inject)
            throws CannotStartException {
        Set<Capability> missing = Capability.missing(wanted, effective);
        if (!missing.isEmpty()) {
            boolean attaching =
                    missing.contains(Capability.CAP_SYS_PTRACE) || missing.contains(Capability.CAP_DAC_OVERRIDE);
            throw new CannotStartException("missing " + names(missing) + ": run as root (sudo), or with "
                    + (missing.size() == 1 ? "this capability" : "these capabilities")
                    + (inject && attaching ? WHAT_ATTACHING_TAKES : ""));
        }
    }

    /** Kernels of Debian and Ubuntu know a level 3 and 4 at which CAP_PERFMON is not enough. Only trying tells. */
    private static void requirePerfEvents() throws CannotStartException {
        try (Fd _ = PerfEvent.cpuClock(0, 1)) {
            return;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EACCES || e.errno() == Errno.EPERM) {
                if (UserMap.ofChildNamespace()) {
                    throw new CannotStartException(
                            "the kernel refuses perf events: perf-agent runs in a user namespace (a rootless container,"
                                    + " hostUsers: false), whose capabilities do not count for the machine;"
                                    + " run it as root outside of it",
                            e);
                }
                throw new CannotStartException(
                        "the kernel refuses perf events although the capabilities are there: " + PARANOID + " is "
                                + read(PARANOID)
                                + "; set it to 2 (sysctl kernel.perf_event_paranoid=2), or run as root",
                        e);
            }
        }
    }

    private static String names(Set<Capability> capabilities) {
        return String.join(", ", capabilities.stream().map(Capability::name).toList());
    }

    private static String read(Path path) throws CannotStartException {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            throw new CannotStartException("cannot read " + path + ": mount /proc", e);
        }
    }
}
