package io.perfagent.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.linux.Cpus;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.procfs.PidNamespace;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the walker costs the verifier: an older kernel gives up at a million instructions, and users wait for it. */
class VerifierIT {
    /** The frames of JVMs, which few walks meet, are some 6,000 of them, 30 ms of loading; those of CPython 4,500. */
    private static final int BOUND = 35_000;

    @ParameterizedTest
    @EnumSource(UnwindMode.class)
    void walkerIsCheapToVerify(UnwindMode mode) throws Exception {
        expectCheap(mode, PidNamespace.INITIAL);
    }

    /** In the initial namespace nothing is looked up, and the verifier drops the code that would. */
    @Test
    void numbersOfANamespaceCostTheOthersNothing() throws Exception {
        assertThat(expectCheap(UnwindMode.AUTO, PidNamespace.INITIAL)).isLessThan(expectCheap(UnwindMode.AUTO, 1));
    }

    /** Of a namespace, which costs more. */
    @Test
    void threadsAreListedAtAFractionOfThat() throws Exception {
        try (BpfObject object = SamplerObject.open(new SamplerConfig(
                Cpus.possible(),
                1024,
                1 << 20,
                UnwindMode.AUTO,
                SamplerConfig.Scope.WITH_CHILDREN,
                StackCopies.UNKNOWN_CODE,
                1,
                true))) {
            VerifierLog log = object.logStatistics("list_threads");
            object.load();
            System.out.printf(
                    Locale.ROOT,
                    "verifier, list of threads: %d instructions processed in %d us%n",
                    log.processedInstructions(),
                    log.microseconds());
            assertThat(log.processedInstructions()).isBetween(100, 3_000);
        }
    }

    /** Of a namespace. The timer's callback walks, and is verified with the program that sets it; so does what runs behind switches. */
    @ParameterizedTest
    @CsvSource({
        "switch_tasks, 100, 9000",
        "wake_task, 10, 7000",
        "prepare_waits, 20000, 40000",
        "end_switch, 20000, 40000"
    })
    void waitsAreNoDearer(String program, int least, int most) throws Exception {
        try (BpfObject object = SamplerObject.open(new SamplerConfig(
                Cpus.possible(),
                1024,
                1 << 20,
                UnwindMode.AUTO,
                SamplerConfig.Scope.WITH_CHILDREN,
                StackCopies.UNKNOWN_CODE,
                1,
                false,
                1,
                new SamplerConfig.WaitConfig(1024, 1, 0, true, true, KernelTracepoints.tellSwitchEnd())))) {
            VerifierLog log = object.logStatistics(program);
            object.load();
            System.out.printf(
                    Locale.ROOT, "verifier, %s: %d instructions processed%n", program, log.processedInstructions());
            assertThat(log.processedInstructions()).isBetween(least, most);
        }
    }

    /** Of a namespace. They look first whether there were too many. */
    @ParameterizedTest
    @ValueSource(strings = {"sample_event", "sample_tracepoint"})
    void otherEventsAreNoDearer(String program) throws Exception {
        try (BpfObject object = SamplerObject.open(new SamplerConfig(
                Cpus.possible(),
                1024,
                1 << 20,
                UnwindMode.AUTO,
                SamplerConfig.Scope.WITH_CHILDREN,
                StackCopies.UNKNOWN_CODE,
                1,
                false,
                1,
                null,
                new SamplerConfig.EventConfig(program, 10)))) {
            VerifierLog log = object.logStatistics(program);
            object.load();
            System.out.printf(
                    Locale.ROOT, "verifier, %s: %d instructions processed%n", program, log.processedInstructions());
            assertThat(log.processedInstructions()).isBetween(20_000, 36_500);
        }
    }

    /** With all that it can be asked for. */
    @Test
    void countingIsCheapToVerify() throws Exception {
        try (BpfObject object = SchedulerObject.open(new SchedulerConfig(Cpus.possible(), 64, false, true, 1, true))) {
            VerifierLog log = object.logStatistics("switch_from_to");
            object.load();
            System.out.printf(
                    Locale.ROOT,
                    "verifier, switches: %d instructions processed in %d us%n",
                    log.processedInstructions(),
                    log.microseconds());
            assertThat(log.processedInstructions()).isBetween(1_000, BOUND);
        }
    }

    private static int expectCheap(UnwindMode mode, int pidNamespace) throws Exception {
        try (BpfObject object = SamplerObject.open(new SamplerConfig(
                Cpus.possible(),
                1024,
                1 << 20,
                mode,
                SamplerConfig.Scope.WITH_CHILDREN,
                StackCopies.UNKNOWN_CODE,
                pidNamespace,
                false))) {
            VerifierLog log = object.logStatistics("sample_cpu");
            long start = System.nanoTime();
            object.load();
            System.out.printf(
                    Locale.ROOT,
                    "verifier, %s, namespace %d: %d instructions processed in %d us; object loaded in %.1f ms%n",
                    mode,
                    pidNamespace,
                    log.processedInstructions(),
                    log.microseconds(),
                    (System.nanoTime() - start) / 1e6);
            assertThat(log.processedInstructions()).isBetween(1_000, BOUND);
            return log.processedInstructions();
        }
    }
}
