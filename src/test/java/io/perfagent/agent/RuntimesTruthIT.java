package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.runtimes.Row;
import io.perfagent.testing.runtimes.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Complete means true: of runtimes, and of code without call-frame information, no stack counts as whole that lacks frames. */
class RuntimesTruthIT {
    private static final boolean ALL = "all".equals(System.getProperty("runtimes"));
    private static final int RATE = 499;
    /** Enough to show a share of 98 per cent; the first of them come before what they need is known. */
    private static final int SAMPLES = ALL ? 2500 : 600;

    static List<Row> rows() throws IOException {
        return Row.all().stream()
                .filter(row -> ALL || row.suite().equals("test"))
                .filter(row -> row.name().matches(System.getProperty("rows", ".*")))
                .toList();
    }

    @BeforeAll
    static void head() {
        System.out.println(Verdict.HEAD);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void completeIsTrue(Row row) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), row.argv())) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES, RATE);
            long start = ProfiledRun.entryPoint(target.pid());
            Verdict verdict =
                    Verdict.of(row, run.profile(), target.pid(), address -> address >= start && address < start + 64);
            System.out.println(verdict);
            assertThat(verdict.samples()).as("samples").isGreaterThan(100);
            assertThat(verdict.wrong()).as("complete, but not true").isEmpty();
            assertThat(verdict.completePerCent()).as("complete").isGreaterThanOrEqualTo(row.complete());
        }
    }
}
