package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.HardwareCount;
import io.perfagent.model.SchedulerCounts;
import io.perfagent.model.Scheduling;
import io.perfagent.model.Spread;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The table of --pmu. */
class SchedulerTableTest {
    private static final HardwareCount NONE = new HardwareCount(0, 0, 0);

    @Test
    void ofAMachineWithoutCounters() {
        SchedulerCounts counts = counts(scheduling(List.of(NONE, NONE, NONE)), "there are none");
        assertThat(String.join("\n", SchedulerTable.of("naps (4711)", counts)) + "\n")
                .isEqualTo("""
                counted for 2.000 s: naps (4711)
                  on a CPU: 0.001 s, 0.1 % of one
                                               number     mean      p50      p90      p99    p99.9  longest
                  slices on a CPU                   3   346 us  32.3 us  1.01 ms  1.01 ms  1.01 ms  1.01 ms
                  waits for a CPU                   0
                  context switches                  4      2.0 a second
                    waited                          3     75.0 %
                    preempted                       1     25.0 %
                  migrations                        6      3.0 a second
                  page faults                   1,007    503.5 a second, 7 of them major
                  cycles, instructions, cache misses and instructions per cycle: not available, for there are none
                  under way at the end, and counted as far as seen: 1 slices, 0 waits
                  not counted, for their beginning was not seen: 0 slices, 9 waits
                """);
    }

    @Test
    void countersOfTheHardware() {
        HardwareCount cycles = new HardwareCount(2_000_000, 1_000_000, 1_000_000);
        HardwareCount instructions = new HardwareCount(1_500_000, 1_000_000, 500_000);
        SchedulerCounts counts = counts(scheduling(List.of(cycles, instructions, NONE)), null);
        assertThat(SchedulerTable.of("x", counts))
                .contains(
                        "  cycles                    2,000,000 1.92 a nanosecond on a CPU",
                        "  instructions              3,000,000 1.50 per cycle, counted for 50 % of the time and scaled",
                        "  cache misses           not available");
    }

    @Test
    void lengthsHaveThreeDigits() {
        assertThat(List.of(
                        SchedulerTable.length(0),
                        SchedulerTable.length(999),
                        SchedulerTable.length(1_000),
                        SchedulerTable.length(99_949),
                        SchedulerTable.length(99_950),
                        SchedulerTable.length(999_499),
                        SchedulerTable.length(999_500),
                        SchedulerTable.length(61_000_000_000L),
                        SchedulerTable.length(7_200_000_000_000L)))
                .containsExactly(
                        "0 ns", "999 ns", "1.00 us", "99.9 us", "100 us", "999 us", "1.00 ms", "61.0 s", "7200 s");
    }

    private static SchedulerCounts counts(Scheduling all, @Nullable String withoutHardware) {
        return new SchedulerCounts(Duration.ofSeconds(2), all, List.of(), null, withoutHardware, 0, 0);
    }

    private static Scheduling scheduling(List<HardwareCount> hardware) {
        long[] slices = new long[720];
        slices[16 * 11 + 15] = 2; // 31.7 us: from 31 * 1024 on
        slices[16 * 16 + 15] = 1; // 1.04 ms: 31 * 32768
        return new Scheduling(
                0,
                "",
                List.of(3L, 0L, 0L, 1L, 0L, 0L, 0L),
                6,
                1000,
                7,
                0,
                9,
                hardware,
                new Spread(1_039_000, 1_010_000, 1, slices),
                new Spread(0, 0, 0, new long[720]));
    }
}
