package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.ContinuousRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Options, the environment and a file, and what comes of them. */
class RunSettingsTest {
    @TempDir
    private Path directory;

    private RunSettings settings(String file, Map<String, String> environment, String... args) throws Exception {
        Path config = Files.writeString(directory.resolve("config.toml"), file);
        return RunSettings.read(new CommandLine(new RunCommand()).parseArgs(args), config.toString(), environment);
    }

    private static RunSettings named(Path file) {
        return RunSettings.read(new CommandLine(new RunCommand()).parseArgs(), file.toString(), Map.of());
    }

    private static ContinuousRequest request(RunSettings settings) {
        ContinuousRequest request = settings.request();
        assertThat(settings.problems()).isEmpty();
        return Objects.requireNonNull(request);
    }

    @Test
    void ofNothingAllIsUsual() throws Exception {
        ContinuousRequest request = request(settings("", Map.of()));
        assertThat(request.profile().allProcesses()).isTrue();
        assertThat(request.profile().sampleRate()).isEqualTo(19);
        assertThat(request.every()).isEqualTo(Duration.ofSeconds(15));
        assertThat(request.directory()).isEqualTo(Path.of("/var/lib/perf-agent"));
        assertThat(request.keepFor()).isEqualTo(Duration.ofDays(1));
        assertThat(request.keepBytes()).isEqualTo(1L << 30);
        assertThat(request.listen()).as("never without being asked").isNull();
    }

    /** As it is, and with each line made a setting, which is what its text says of it. */
    @Test
    void thePackagesFileShowsWhatIsUsual() throws Exception {
        String file = Files.readString(Path.of("packaging", "config.toml"));
        ContinuousRequest usual = request(settings("", Map.of()));
        assertThat(request(settings(file, Map.of()))).isEqualTo(usual);
        RunSettings shown = settings(file.replaceAll("(?m)^#(?=[a-z])", ""), Map.of());
        ContinuousRequest request = request(shown);
        assertThat(request.profile()).isEqualTo(usual.profile());
        assertThat(request.every()).isEqualTo(usual.every());
        assertThat(request.keepFor()).isEqualTo(usual.keepFor());
        assertThat(request.keepBytes()).isEqualTo(usual.keepBytes());
        assertThat(shown.lines())
                .filteredOn(line -> line.contains("config.toml:"))
                .hasSize(6);
    }

    @Test
    void optionsComeFirstThenTheEnvironmentThenTheFile() throws Exception {
        String file = """
                every = "1m"       # of the file
                sample-rate = 49
                keep-for = "7d"
                tag = ["a=1", "b=2,3"]
                off-cpu = true
                listen = 9464
                """;
        RunSettings settings = settings(
                file,
                Map.of(
                        "PERF_AGENT_SAMPLE_RATE",
                        "99",
                        "PERF_AGENT_EVERY",
                        "30s",
                        "PERF_AGENT_SERVICE_HOST",
                        "10.0.0.1"),
                "--every",
                "5");
        ContinuousRequest request = request(settings);
        assertThat(request.every()).isEqualTo(Duration.ofSeconds(5));
        assertThat(request.profile().sampleRate()).isEqualTo(99);
        assertThat(request.keepFor()).isEqualTo(Duration.ofDays(7));
        assertThat(request.profile().tags()).containsExactly("a=1", "b=2,3");
        assertThat(request.profile().waits()).isNotNull();
        assertThat(Objects.requireNonNull(request.listen()).getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(settings.lines().stream().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "every 5 --every",
                        "sample-rate 99 PERF_AGENT_SAMPLE_RATE",
                        "keep-for 7d " + directory.resolve("config.toml") + ":3",
                        "keep-size 1GiB default",
                        "PERF_AGENT_SERVICE_HOST not used environment");
    }

    /** Those of the file would otherwise be added. */
    @Test
    void whoNamesTargetsMeansNoOthers() throws Exception {
        ContinuousRequest request = request(settings("all = true\n", Map.of(), "--name", "gunicorn"));
        assertThat(request.profile().allProcesses()).isFalse();
        assertThat(request.names()).containsExactly("gunicorn");
    }

    @Test
    void eachMistakeIsNamedWithItsPlace() throws Exception {
        String file = """
                every = "5x"
                all = 3
                foo = 1
                keep-size = "2 GB"
                name = [["gunicorn"], {a = 1}]

                [push]
                url = "x"
                """;
        RunSettings settings = settings(file, Map.of("PERF_AGENT_LISTEN", "70000"));
        assertThat(settings.request()).isNull();
        String place = directory.resolve("config.toml").toString();
        assertThat(settings.problems())
                .extracting(problem -> problem.replace(place, "F").replaceAll("(is|are) .*", "$1"))
                .containsExactlyInAnyOrder(
                        "F:1: --every 5x is",
                        "F:2: all is",
                        "F:3: foo is",
                        "F:4: --keep-size 2 GB is",
                        "F:5: name holds lists or tables: write a list of values, key = [\"a\", \"b\"]",
                        "F:7: [push] is",
                        "PERF_AGENT_LISTEN: --listen 70000 is");
    }

    @Test
    void whatIsNoTomlIsSaidWithItsLine() throws Exception {
        RunSettings settings = settings("all = true\nevery = \"5s\nname = [\n", Map.of());
        assertThat(settings.request()).isNull();
        assertThat(settings.problems().getFirst()).startsWith(directory.resolve("config.toml") + ":2: ");
    }

    /** A pipe would be waited for at each SIGHUP, and a device may have no end. */
    @Test
    void settingsAreInAFile() {
        assertThat(named(Path.of("/dev/full")).problems())
                .singleElement()
                .asString()
                .startsWith("/dev/full: is no regular file");
        assertThat(named(Path.of("/dev/null")).problems()).isEmpty();
    }

    @Test
    void aFileThatIsNamedHasToBeThere() {
        RunSettings settings = named(Path.of("/nonexistent.toml"));
        assertThat(settings.request()).isNull();
        assertThat(settings.problems()).singleElement().asString().startsWith("/nonexistent.toml: cannot be read");
    }

    @ParameterizedTest
    @CsvSource({
        "--every 999ms, --every 999ms is no length of an interval",
        "--every 2h, --every 2h is no length of an interval",
        "--directory profiles, --directory profiles is no absolute path",
        "--keep-size 10KiB, --keep-size 10KiB is no size",
        "--keep-for 0d, --keep-for 0d is no duration",
        "--listen nowhere:1:2, --listen nowhere:1:2 is nowhere to listen",
        "--sample-rate 0, --sample-rate 0",
        "--all --pid 1, --all beside --pid or --name",
        "--no-children, --no-children has nothing to leave out",
        "--off-cpu-min 1ms, --off-cpu-min has no waits to speak of"
    })
    void whatMakesNoSenseIsRefused(String args, String problem) throws Exception {
        RunSettings settings = settings("", Map.of(), args.split(" ", -1));
        assertThat(settings.request()).isNull();
        assertThat(settings.problems())
                .singleElement()
                .asString()
                .startsWith(problem)
                .doesNotContain("\n");
    }

    @Test
    void durationsAndSizesOfAllUnits() throws Exception {
        ContinuousRequest request =
                request(settings("", Map.of(), "--keep-for", "90m", "--keep-size", "1.5MiB", "--listen", "[::1]:0"));
        assertThat(request.keepFor()).isEqualTo(Duration.ofMinutes(90));
        assertThat(request.keepBytes()).isEqualTo(3L << 19);
        assertThat(List.of(Objects.requireNonNull(request.listen()).getPort())).containsExactly(0);
    }
}
