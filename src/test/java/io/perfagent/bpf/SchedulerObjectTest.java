package io.perfagent.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.SchedulerState;
import io.perfagent.bpf.abi.SchedulingRecord;
import io.perfagent.elf.ElfFile;
import io.perfagent.model.HardwareCounter;
import io.perfagent.model.SwitchReason;
import java.lang.foreign.StructLayout;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scheduler's object as clang has compiled it: what Java takes its types for, and whether older kernels have stack enough for it. */
class SchedulerObjectTest {
    private static final int MAX_BPF_STACK = 512;
    private static Btf btf;

    @BeforeAll
    static void readTypes() throws Exception {
        try (ElfFile object = ElfFile.of(SchedulerObject.image())) {
            btf = new Btf(object.read(Objects.requireNonNull(object.section(".BTF"))));
        }
    }

    static List<StructLayout> layouts() {
        return List.of(
                SchedulingRecord.LAYOUT,
                SchedulingRecord.SPREAD,
                SchedulingRecord.HARDWARE_COUNT,
                SchedulerState.LAYOUT,
                SchedulerObject.CONFIG);
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void layoutIsTheStructs(StructLayout layout) {
        ContractTest.expectSame(btf, layout);
    }

    @Test
    void reasonsAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("switch_reason");
        assertThat(constants).containsEntry("SWITCH_REASON_COUNT", SwitchReason.values().length);
        for (SwitchReason reason : SwitchReason.values()) {
            assertThat(constants).containsEntry("SWITCH_" + reason.name(), reason.ordinal());
        }
        assertThat(constants).hasSize(SwitchReason.values().length + 1);
    }

    @Test
    void countersAreTheEnums() {
        Map<String, Integer> constants = btf.enumeration("hardware_counter");
        assertThat(constants).containsEntry("HARDWARE_COUNTER_COUNT", HardwareCounter.values().length);
        for (HardwareCounter counter : HardwareCounter.values()) {
            assertThat(constants).containsEntry("HARDWARE_" + counter.name(), counter.ordinal());
        }
        assertThat(constants).hasSize(HardwareCounter.values().length + 1);
    }

    @Test
    void limitsAreTheEnums() {
        assertThat(btf.enumeration("spread_limit"))
                .containsEntry("SPREAD_STEP_SHIFT", SchedulingRecord.SPREAD_STEP_SHIFT)
                .containsEntry("SPREAD_VALUE_BITS", SchedulingRecord.SPREAD_VALUE_BITS)
                .containsEntry("SPREAD_BUCKETS", SchedulingRecord.SPREAD_BUCKETS);
    }

    @Test
    void olderKernelsHaveStackEnough() {
        CallChains chains = new CallChains(SchedulerObject.image());
        for (String program : List.of("switch_from_to", "wake_up", "end_on_cpu", "end_waits", "take_targets")) {
            assertThat(chains.deepest(program)).as(program).isBetween(1, MAX_BPF_STACK);
        }
    }
}
