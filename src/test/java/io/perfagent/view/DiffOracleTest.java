package io.perfagent.view;

import static io.perfagent.view.ViewOracleTest.ALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Pprof;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two profiles of one Go program, as {@code go tool pprof} and as we compare them. */
class DiffOracleTest {
    @TempDir
    static Path directory;

    private static Path before;
    private static Path after;

    @BeforeAll
    static void profile() throws Exception {
        for (String run : List.of("before", "after")) {
            String program =
                    Path.of("target/workloads/go-profiles").toAbsolutePath().toString();
            String _ = Tool.output(
                    program, Files.createDirectory(directory.resolve(run)).toString());
        }
        before = directory.resolve("before/cpu.pb.gz");
        after = directory.resolve("after/cpu.pb.gz");
    }

    private static Tally tally(Path file, Rows rows) throws Exception {
        return Tally.of(OpenedProfile.open(file.toString(), null), ALL, rows);
    }

    @Test
    void differencesAreThoseOfPprof() throws Exception {
        Rows rows = new Rows(Grain.ACROSS_BUILDS);
        Tally first = tally(before, rows);
        Tally second = tally(after, rows);
        List<PprofTop> ours = new ArrayList<>();
        for (Difference difference : Difference.of(first, second, Sort.SELF)) {
            Row row = rows.get(difference.row());
            ours.add(new PprofTop(
                    second.totals().self(difference.row()) - first.totals().self(difference.row()),
                    second.totals().total(difference.row()) - first.totals().total(difference.row()),
                    row.name() + " " + row.file()));
        }
        // Shares may differ where amounts do not, and the other way round.
        ours.removeIf(row -> row.self() == 0 && row.total() == 0);
        List<PprofTop> theirs = new ArrayList<>(PprofTop.of(after, "ns", "-diff_base=" + before));
        theirs.removeIf(row -> row.self() == 0 && row.total() == 0);
        assertThat(ours).isNotEmpty().isSubsetOf(theirs);
        assertThat(theirs.stream().filter(row -> !ours.contains(row)))
                .allMatch(row -> sameShare(first, second, rows, row), "has the same share of both");
    }

    private static boolean sameShare(Tally first, Tally second, Rows rows, PprofTop wanted) {
        for (int at = 0; at < rows.count(); at++) {
            if (wanted.function()
                    .equals(rows.get(at).name() + " " + rows.get(at).file())) {
                return first.totals().self(at) * second.totals().all()
                                == second.totals().self(at) * first.totals().all()
                        && first.totals().total(at) * second.totals().all()
                                == second.totals().total(at) * first.totals().all();
            }
        }
        return false;
    }

    /** Negative values in a file. */
    @Test
    void aDifferenceThatPprofWroteIsShownAsPprofShowsIt() throws Exception {
        Path difference = directory.resolve("difference.pb.gz");
        String _ =
                Pprof.output("-proto", "-symbolize=none", "-output=" + difference, "-base=" + before, after.toString());
        Tally tally = tally(difference, new Rows(Grain.FUNCTION));
        assertThat(tally.totals().anyNegative()).isTrue();
        List<PprofTop> theirs = new ArrayList<>(PprofTop.of(difference, "ns"));
        theirs.removeIf(row -> row.self() == 0 && row.total() == 0);
        assertThat(PprofTop.of(tally)).isNotEmpty().hasSameElementsAs(theirs);
    }
}
