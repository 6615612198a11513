package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.UnwindMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Command lines that make a request. */
class RequestRulesTest {
    @Command
    private static final class Typed {
        @Mixin
        private final ProfileOptions options = new ProfileOptions();
    }

    private static ProfileRequest request(String... args) throws Exception {
        Typed typed = new Typed();
        new CommandLine(typed).parseArgs(args);
        return RequestRules.request(typed.options);
    }

    /** R1. */
    @Test
    void severalProcessesFromPgrep() throws Exception {
        ProfileRequest request =
                request("--profile --pid 812 813 814 --duration 30s --inject-python --profile-output gunicorn.pb.gz"
                        .split(" ", -1));
        assertThat(request)
                .isEqualTo(new ProfileRequest(
                        List.of(812, 813, 814),
                        false,
                        true,
                        Duration.ofSeconds(30),
                        99,
                        UnwindMode.AUTO,
                        true,
                        false,
                        Path.of("gunicorn.pb.gz"),
                        List.of()));
    }

    @Test
    void processesInEveryNotation() throws Exception {
        assertThat(request("--profile", "--pid", "1,2", "--pid", "3", "4", "--pid=5\n6\n", "--pid", "1")
                        .pids())
                .containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void defaults() throws Exception {
        ProfileRequest request = request("--profile", "-a");
        assertThat(request)
                .isEqualTo(new ProfileRequest(
                        List.of(),
                        true,
                        true,
                        Duration.ofSeconds(10),
                        99,
                        UnwindMode.AUTO,
                        false,
                        false,
                        null,
                        List.of()));
    }

    @Test
    void everythingElse() throws Exception {
        ProfileRequest request = request(
                "--profile --all --sample-rate 999 --unwind fp --inject-python --keep-trampoline --tag a=1 --tag b=x=y"
                        .split(" ", -1));
        assertThat(request.sampleRate()).isEqualTo(999);
        assertThat(request.unwind()).isEqualTo(UnwindMode.FP);
        assertThat(request.keepTrampoline()).isTrue();
        assertThat(request.tags()).containsExactly("a=1", "b=x=y");
    }

    @Test
    void pythonFramesAreReadUnlessTheyAreOff() throws Exception {
        assertThat(request("-a").pythonFrames()).isEqualTo(PythonFrameMode.AUTO);
        assertThat(request("-a", "--python-frames", "auto").pythonFrames()).isEqualTo(PythonFrameMode.AUTO);
        assertThat(request("-a", "--python-frames=off").pythonFrames()).isEqualTo(PythonFrameMode.OFF);
        assertThat(request("-a", "--python-frames=off", "--inject-python").pythonFrames())
                .isEqualTo(PythonFrameMode.OFF);
    }

    /** Short forms, and the names that others use. */
    @Test
    void otherNames() throws Exception {
        ProfileRequest expected =
                request("--profile --pid 812 --duration 30s --sample-rate 49 --profile-output x.pb.gz".split(" ", -1));
        assertThat(request("-p", "812", "-d", "30", "-r", "49", "-o", "x.pb.gz"))
                .isEqualTo(expected);
        assertThat(request("--kernel-stacks", "--pid=812", "--duration=30", "--rate=49", "--output=x.pb.gz"))
                .isEqualTo(expected);
    }

    @Test
    void theNameOfAFileSaysItsFormat() throws Exception {
        assertThat(outputs("")).isEqualTo("null PPROF");
        assertThat(outputs(" -f folded")).isEqualTo("null FOLDED");
        assertThat(outputs(" -o a.speedscope.json -o b.firefox.json.gz"))
                .isEqualTo("a.speedscope.json SPEEDSCOPE, b.firefox.json.gz FIREFOX");
        assertThat(outputs(" -o perf.data -o /x/app.perf.data")).isEqualTo("perf.data PERF, /x/app.perf.data PERF");
        assertThat(outputs(" -o a.html -o b.HTM")).isEqualTo("a.html HTML, b.HTM HTML");
        assertThat(outputs(" -o a.pb.gz -o a.folded -o a.collapsed -o A.TXT"))
                .isEqualTo("a.pb.gz PPROF, a.folded FOLDED, a.collapsed FOLDED, A.TXT FOLDED");
        assertThat(outputs(" -o profile -o a.prof -o - -o app-1.2 -o a.pprof.gz -o b.gz"))
                .isEqualTo("profile PPROF, a.prof PPROF, - PPROF, app-1.2 PPROF, a.pprof.gz PPROF, b.gz PPROF");
        assertThat(outputs(" --format folded -o profile -o - -o a.txt"))
                .isEqualTo("profile FOLDED, - FOLDED, a.txt FOLDED");
    }

    @Test
    void foldingIsForAllOutputs() throws Exception {
        assertThat(request("--profile", "-a", "--fold-python", "-o", "a.folded", "-o", "a.pb.gz")
                        .outputs())
                .allMatch(Output::foldPython);
        assertThat(request("--profile", "-a").outputs()).noneMatch(Output::foldPython);
    }

    private static String outputs(String options) throws Exception {
        return request(("--profile -a" + options).split(" ", -1)).outputs().stream()
                .map(output -> output.path() + " " + output.format())
                .collect(Collectors.joining(", "));
    }

    @ParameterizedTest
    @CsvSource({
        "30s,30000",
        "2m,120000",
        "500ms,500",
        "1m30s,90000",
        "1h,3600000",
        "24h,86400000",
        "1s500ms,1500",
        "30,30000",
        "0.5s,500",
        "0.5,500",
        "1.5m,90000"
    })
    void durations(String text, long millis) throws WrongUsageException {
        assertThat(Durations.parse("--duration", text)).isEqualTo(Duration.ofMillis(millis));
    }
}
