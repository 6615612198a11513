package io.perfagent.agent;

import io.perfagent.model.CannotStartException;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What must hold before anything is touched: targets that can be profiled, a kernel that can, and the right to. */
public final class Preconditions {
    private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
    private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

    private Preconditions() {}

    /** Returns where the request can be carried out; throws the first reason why not. */
    public static void check(ProfileRequest request) throws CannotStartException {
        requireWalker(System.getProperty("os.arch"));
        requireOwnProc();
        List<TargetProcess> targets = targets(request.pids());
        KernelVersion.parse(read(RELEASE)).requireBpfLoop();
        requireKernelTypes(KERNEL_TYPES);
        requireCapabilities(self(), request, targets);
    }

    /** Numbers in /proc are those that the kernel takes from us, and that the user means. */
    static void requireOwnProc() throws CannotStartException {
        requireOwnProc(self());
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

    private static List<TargetProcess> targets(List<Integer> pids) throws CannotStartException {
        List<TargetProcess> targets = new ArrayList<>();
        for (int pid : pids) {
            TargetProcess target = TargetProcess.read(pid);
            target.requireUserProcess();
            targets.add(target);
        }
        return targets;
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
        requireCapabilities(self.effectiveCapabilities(), request.injectPython() || others);
    }

    static void requireCapabilities(long effective, boolean ptrace) throws CannotStartException {
        Set<Capability> wanted = EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON);
        if (ptrace) {
            wanted.add(Capability.CAP_SYS_PTRACE);
        }
        Set<Capability> missing = Capability.missing(wanted, effective);
        if (!missing.isEmpty()) {
            throw new CannotStartException("missing " + names(missing) + ": run as root (sudo), or with "
                    + (missing.size() == 1 ? "this capability" : "these capabilities"));
        }
    }

    private static String names(Set<Capability> capabilities) {
        return String.join(", ", capabilities.stream().map(Capability::name).toList());
    }

    private static ProcStatus self() throws CannotStartException {
        try {
            return ProcStatus.readSelf();
        } catch (IOException e) {
            throw new CannotStartException("cannot read /proc/self/status: mount /proc", e);
        }
    }

    private static String read(Path path) throws CannotStartException {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            throw new CannotStartException("cannot read " + path + ": mount /proc", e);
        }
    }
}
