package io.perfagent.agent;

import static io.perfagent.agent.Capability.CAP_BPF;
import static io.perfagent.agent.Capability.CAP_DAC_OVERRIDE;
import static io.perfagent.agent.Capability.CAP_PERFMON;
import static io.perfagent.agent.Capability.CAP_SYS_PTRACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WaitRequest;
import io.perfagent.procfs.ProcStat;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreconditionsTest {
    private static final Set<Capability> OWN = Preconditions.wanted(false, false, false);
    private static final Set<Capability> OTHERS = Preconditions.wanted(true, false, false);
    private static final Set<Capability> INJECT = Preconditions.wanted(true, true, true);

    private static final long DAC_OVERRIDE = 1L << 1;
    private static final long SYS_PTRACE = 1L << 19;
    private static final long SYS_ADMIN = 1L << 21;
    private static final long PERFMON = 1L << 38;
    private static final long BPF = 1L << 39;

    @ParameterizedTest
    @ValueSource(strings = {"5.17.0", "6.18.44-fc", "6.1.0-18-amd64", "10.0-rc1", "5.17"})
    void kernelsThatHaveTheLoop(String release) {
        assertThatCode(() -> KernelVersion.parse(release).requireBpfLoop()).doesNotThrowAnyException();
    }

    @Test
    void timersThatAreThreads(@TempDir Path directory) throws Exception {
        ProfileRequest running = new ProfileRequest(
                List.of(1), false, false, Duration.ofSeconds(1), 99, UnwindMode.AUTO, false, false, null, List.of());
        ProfileRequest waiting = running.with(new WaitRequest(Duration.ofMillis(10), Duration.ZERO, running.outputs()));
        Preconditions.requireTimers(waiting, directory.resolve("absent"));
        Preconditions.requireTimers(running, directory);
        assertThatThrownBy(() -> Preconditions.requireTimers(waiting, directory))
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining("PREEMPT_RT");
    }

    @ParameterizedTest
    @CsvSource({"5.16.20-generic,5.16", "5.4.0,5.4", "4.19.0-26-amd64,4.19", "3.10.0-1160.el7,3.10"})
    void kernelsThatDoNot(String release, String version) {
        assertThatThrownBy(() -> KernelVersion.parse(release).requireBpfLoop())
                .isInstanceOf(CannotStartException.class)
                .hasMessage("Linux " + version
                        + " has no bpf_loop, which walking stacks in the kernel needs: Linux 5.17 or later does");
    }

    @Test
    void processorThatTheWalkerIsNotWrittenFor() {
        assertThatCode(() -> Preconditions.requireWalker("amd64")).doesNotThrowAnyException();
        assertThatThrownBy(() -> Preconditions.requireWalker("aarch64"))
                .isInstanceOf(CannotStartException.class)
                .hasMessage("stacks cannot be walked on aarch64 yet:"
                        + " the BPF walker and the unwind tables are written for x86-64");
    }

    @Test
    void procOfAnotherPidNamespace() {
        assertThatCode(() -> Preconditions.requireOwnProc(ProcStatus.parse("NSpid:\t4711\n")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Preconditions.requireOwnProc(ProcStatus.parse("NSpid:\t4711\t12\n")))
                .isInstanceOf(CannotStartException.class)
                .hasMessageStartingWith("/proc shows another PID namespace");
    }

    @Test
    void kernelWithoutTypes() {
        assertThatThrownBy(() -> Preconditions.requireKernelTypes(Path.of("/sys/kernel/btf/absent")))
                .hasMessage("the kernel does not describe its types, /sys/kernel/btf/absent is missing:"
                        + " use a kernel built with CONFIG_DEBUG_INFO_BTF=y");
    }

    @Test
    void whatIsWanted() {
        assertThat(Preconditions.wanted(false, false, false)).containsExactly(CAP_BPF, CAP_PERFMON);
        assertThat(Preconditions.wanted(true, false, true)).containsExactly(CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE);
        assertThat(Preconditions.wanted(false, true, false)).containsExactly(CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE);
        assertThat(Preconditions.wanted(true, true, true))
                .containsExactly(CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_OVERRIDE);
    }

    @Test
    void enoughCapabilities() {
        assertThatCode(() -> Preconditions.requireCapabilities(BPF | PERFMON, OWN, false))
                .doesNotThrowAnyException();
        assertThatCode(() -> Preconditions.requireCapabilities(SYS_ADMIN, OWN, false))
                .doesNotThrowAnyException();
        assertThatCode(() -> Preconditions.requireCapabilities(SYS_ADMIN | SYS_PTRACE | DAC_OVERRIDE, INJECT, true))
                .doesNotThrowAnyException();
    }

    @Test
    void missingCapabilitiesAreNamed() {
        assertMissing(
                0, OTHERS, "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE: run as root (sudo), or with these capabilities");
        assertMissing(0, OWN, "CAP_BPF, CAP_PERFMON: run as root (sudo), or with these capabilities");
        assertMissing(BPF | PERFMON, OTHERS, "CAP_SYS_PTRACE: run as root (sudo), or with this capability");
        assertMissing(SYS_ADMIN, OTHERS, "CAP_SYS_PTRACE: run as root (sudo), or with this capability");
        assertMissing(BPF | SYS_PTRACE, OTHERS, "CAP_PERFMON: run as root (sudo), or with this capability");
    }

    /** R13: the reason, the capability and Yama's file. */
    @Test
    void whatAttachingTakes() {
        assertThatThrownBy(() -> Preconditions.requireCapabilities(BPF | PERFMON | SYS_PTRACE, INJECT, true))
                .hasMessageStartingWith(
                        "missing CAP_DAC_OVERRIDE: run as root (sudo), or with this capability (ptrace_eperm: ")
                .hasMessageContaining("/proc/sys/kernel/yama/ptrace_scope");
        assertThatThrownBy(() -> Preconditions.requireCapabilities(SYS_PTRACE | DAC_OVERRIDE, INJECT, true))
                .hasMessage("missing CAP_BPF, CAP_PERFMON: run as root (sudo), or with these capabilities");
    }

    private static void assertMissing(long effective, Set<Capability> wanted, String rest) {
        assertThatThrownBy(() -> Preconditions.requireCapabilities(effective, wanted, false))
                .isInstanceOf(CannotStartException.class)
                .hasMessage("missing " + rest);
    }

    @Test
    void kernelThreadByItsFlag() {
        assertRefused("2 (kthreadd) S 0 0 0 0 -1 2129984 0", "Tgid:\t7\n", "is a kernel thread");
    }

    @Test
    void zombie() {
        assertRefused("7 (worker) Z 1 1 1 0 -1 4228364 0", "Tgid:\t7\n", "has ended");
    }

    @Test
    void threadOfAnotherProcess() {
        assertRefused("7 (worker) S 1 1 1 0 -1 4194304 0", "Tgid:\t5\n", "is a thread: give its process, --pid 5");
    }

    @Test
    void hostileNameStaysOnItsLine() {
        assertRefused("7 (a) \n\033[2Jx) Z 1 1 1 0 -1 0 0", "Tgid:\t7\n", "(\"a) \\n\\u{1b}[2Jx\") has ended");
    }

    private static void assertRefused(String stat, String status, String part) {
        assertThatThrownBy(() -> target(stat, status).requireUserProcess())
                .isInstanceOf(CannotStartException.class)
                .hasMessageContaining(part)
                .hasMessageNotContaining("\n");
    }

    private static TargetProcess target(String stat, String status) throws IOException {
        String rest = " 0 0 0 0 0 0 0 20 0 1 0 100 0";
        return new TargetProcess(7, ProcStat.parse(stat + rest), ProcStatus.parse(status));
    }
}
