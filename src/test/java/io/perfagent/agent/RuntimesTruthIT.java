package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.runtimes.PerfStacks;
import io.perfagent.testing.runtimes.Row;
import io.perfagent.testing.runtimes.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
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
        String[] lines = Verdict.HEAD.split("\n", -1);
        System.out.println(ALL ? lines[0] + " perf -g % | perf dwarf % |\n" + lines[1] + "---|---|" : Verdict.HEAD);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void completeIsTrue(Row row) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), row.argv())) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES, RATE);
            long start = ProfiledRun.entryPoint(target.pid());
            LongPredicate entry = address -> address >= start && address < start + 64;
            Verdict verdict = Verdict.of(row, run.profile(), target.pid(), entry);
            System.out.println(verdict + (ALL ? perf(target.pid(), entry) : ""));
            assertThat(verdict.samples()).as("samples").isGreaterThan(100);
            assertThat(verdict.wrong()).as("complete, but not true").isEmpty();
            assertThat(verdict.completePerCent()).as("complete").isGreaterThanOrEqualTo(row.complete());
        }
    }

    private static String perf(int pid, LongPredicate entry) throws Exception {
        return " " + PerfStacks.of(pid, entry, "fp") + " | " + PerfStacks.of(pid, entry, "dwarf") + " |";
    }
}
