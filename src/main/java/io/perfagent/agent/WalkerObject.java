package io.perfagent.agent;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.KernelTracepoints;
import io.perfagent.bpf.LibbpfMissingException;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.SamplerConfig.WaitConfig;
import io.perfagent.bpf.SamplerObject;
import io.perfagent.linux.Cpus;
import io.perfagent.linux.Errno;
import io.perfagent.linux.LinuxException;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.SampledEvent;
import io.perfagent.model.StackCopies;
import io.perfagent.model.WaitRequest;
import io.perfagent.procfs.PidNamespace;
import io.perfagent.sample.CountedEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The BPF object of a run, as large as what the run asks for. */
final class WalkerObject {
    /** A CPU fills this in a tenth of a second at 999 Hz with two thousand frames a stack; the ring is read more often. */
    private static final int RING_BYTES_PER_CPU = 2 << 20;
    /** The first samples of a whole machine bring parts of their stacks along, some 12 KiB each. */
    private static final int RING_BYTES_PER_CPU_OF_ALL = 4 << 20;

    /** At such a rate a CPU's parts of stacks are 600 KiB in the second that samples are held back at most; all of a ring is resident. */
    private static final int LOW_RATE = 49;

    private static final int LARGEST_RING_BYTES = 64 << 20;
    /** The kernel makes room for all of them when the walker is loaded, which takes milliseconds. */
    private static final int PROCESSES = 8_192;

    private static final int PROCESSES_OF_ALL = 65_536;
    private static final int THREAD_PLACES = 65_536;
    private static final int THREAD_PLACES_OF_ALL = 262_144;

    private WalkerObject() {}

    /** A power of two, as the kernel wants it. */
    static int ringBytes(ProfileRequest request) throws IOException {
        long wanted = (long) Cpus.possible()
                * (request.allProcesses() && !isSlow(request) ? RING_BYTES_PER_CPU_OF_ALL : RING_BYTES_PER_CPU);
        return (int) Math.min(LARGEST_RING_BYTES, Long.highestOneBit(2 * wanted - 1));
    }

    private static boolean isSlow(ProfileRequest request) {
        boolean clock = request.sampled().kind() == SampledEvent.Kind.CLOCK;
        return clock && request.waits() == null && request.sampleRate() <= LOW_RATE;
    }

    private static @Nullable WaitConfig waitConfig(ProfileRequest request) {
        WaitRequest waits = request.waits();
        return waits == null
                ? null
                : new WaitConfig(
                        request.allProcesses() ? THREAD_PLACES_OF_ALL : THREAD_PLACES,
                        (int) waits.threshold().toNanos(),
                        (int) (waits.shortest().toNanos() / 1_000),
                        waits.wakers(),
                        waits.wall(),
                        KernelTracepoints.tellSwitchEnd());
    }

    /** Null of a clock. */
    private static SamplerConfig.@Nullable EventConfig eventConfig(ProfileRequest request) {
        SampledEvent sampled = request.sampled();
        return sampled.kind() == SampledEvent.Kind.CLOCK
                ? null
                : new SamplerConfig.EventConfig(CountedEvent.program(sampled), (int) sampled.period());
    }

    private static SamplerConfig.Scope scope(ProfileRequest request) {
        if (request.allProcesses()) {
            return SamplerConfig.Scope.ALL;
        }
        return request.children() ? SamplerConfig.Scope.WITH_CHILDREN : SamplerConfig.Scope.ANNOUNCED;
    }

    /** Loads it. */
    static BpfObject load(ProfileRequest request, boolean listsThreads) throws IOException, CannotStartException {
        try {
            return SamplerObject.load(new SamplerConfig(
                    Cpus.possible(),
                    request.allProcesses() ? PROCESSES_OF_ALL : PROCESSES,
                    ringBytes(request),
                    request.unwind(),
                    scope(request),
                    StackCopies.UNKNOWN_CODE,
                    PidNamespace.own(),
                    listsThreads || request.waits() != null,
                    (int) ProcessHandle.current().pid(),
                    waitConfig(request),
                    eventConfig(request)));
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
}
