package io.perfagent.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels before 6.13 refuse a program whose functions need more stack together than one may; later ones give each its own. */
class CallChainsTest {
    private static final int MAX_BPF_STACK = 512;
    private static final int MAX_CALL_FRAMES = 8;

    private final CallChains chains = new CallChains(BpfObject.samplerImage());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample_cpu",
                "sample_event",
                "sample_tracepoint",
                "resumed",
                "end_switch",
                "switch_tasks",
                "prepare_waits",
                "prepare_waits_timeless",
                "list_threads"
            })
    void olderKernelsHaveStackEnough(String program) {
        System.out.printf(
                "%s: %d bytes of stack, %d functions deep%n",
                program, chains.deepest(program), chains.longest(program));
        assertThat(chains.deepest(program)).isBetween(1, MAX_BPF_STACK);
        assertThat(chains.longest(program)).isBetween(1, MAX_CALL_FRAMES);
    }

    /** What finds the end of a stack is a callback. */
    @Test
    void callsAndCallbacksAreSeen() {
        assertThat(chains.longest("end_at_zero")).isEqualTo(2);
        assertThat(chains.deepest("sample_cpu")).isGreaterThan(chains.deepest("next_frame"));
    }
}
