package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bench.SyntheticProfile;
import io.perfagent.model.Format;
import io.perfagent.model.Measure;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles of Go's and of ours, as {@code go tool pprof} and as we add them up. */
class ViewOracleTest {
    static final ViewRequest ALL =
            new ViewRequest(null, Sort.SELF, 0, false, ViewRequest.Kind.TABLE, null, null, false, List.of());
    private static final Comparator<PprofTop> ORDER = Comparator.comparingLong((PprofTop row) -> -Math.abs(row.self()))
            .thenComparingLong(row -> -Math.abs(row.total()))
            .thenComparing(PprofTop::function);

    @TempDir
    static Path directory;

    @BeforeAll
    static void profile() throws Exception {
        String program =
                Path.of("target/workloads/go-profiles").toAbsolutePath().toString();
        String _ = Tool.output(program, directory.toString());
    }

    private static Tally tally(Path file, String type) throws Exception {
        return Tally.of(OpenedProfile.open(file.toString(), type), ALL, new Rows(Grain.FUNCTION));
    }

    private static List<PprofTop> sorted(List<PprofTop> rows) {
        List<PprofTop> sorted = new ArrayList<>(rows);
        sorted.removeIf(row -> row.self() == 0 && row.total() == 0);
        sorted.sort(ORDER);
        return sorted;
    }

    @ParameterizedTest
    @CsvSource({
        "cpu,    cpu,           ns",
        "cpu,    samples,       count",
        "heap,   inuse_space,   B",
        "heap,   alloc_objects, count",
        "allocs, alloc_space,   B",
        "mutex,  delay,         ns",
        "mutex,  contentions,   count"
    })
    void goPrograms(String name, String type, String unit) throws Exception {
        Path file = directory.resolve(name + ".pb.gz");
        List<PprofTop> rows = PprofTop.of(tally(file, type));
        assertThat(rows).hasSizeGreaterThanOrEqualTo(2).isEqualTo(sorted(rows));
        assertThat(rows).isEqualTo(sorted(PprofTop.of(file, unit, "-sample_index=" + type)));
    }

    @Test
    void withoutAnyTypeAskedForItIsTheOneOfTheProfile() throws Exception {
        assertThat(tally(directory.resolve("cpu.pb.gz"), null).measure())
                .isEqualTo(new Measure("cpu", "nanoseconds", 10_000_000, true));
        assertThat(tally(directory.resolve("heap.pb.gz"), null).measure())
                .isEqualTo(new Measure("inuse_space", "bytes", 1, false));
        assertThat(tally(directory.resolve("allocs.pb.gz"), null).measure())
                .isEqualTo(new Measure("alloc_space", "bytes", 1, false));
    }

    @Test
    void ours() throws Exception {
        Path file = directory.resolve("ours.pb.gz");
        var _ = new Export(Format.PPROF, ProfileFile.at(file), false).write(SyntheticProfile.of(2000, 10_000));
        Tally tally = tally(file, null);
        assertThat(tally.measure()).isEqualTo(Measure.cpu(99));
        assertThat(PprofTop.of(tally)).hasSizeGreaterThan(500).isEqualTo(sorted(PprofTop.of(file, "ns")));
    }
}
