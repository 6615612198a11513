package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.agent.StopSignal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Command lines that make no request: one line each, with the remedy, and exit status 2. */
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return Main.run(StopSignal.manual(), stream(out), stream(err), args);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    --profile                           | no target: add --pid N or --name NAME for a process, or -a for all of them
                    --profile -a --pid 1                | both --pid and -a: give one of them
                    --profile --pid                     | --pid has no process ID: is it running? (pgrep prints nothing where no process matches; --name NAME finds it, too)
                    --profile --pid --duration 1s       | --pid has no process ID: is it running? (pgrep prints nothing where no process matches; --name NAME finds it, too)
                    --profile --pid x                   | --pid x is no process ID: give numbers as pgrep prints them, or --name NAME
                    --profile --pid 0                   | --pid 0 is no process ID: give numbers as pgrep prints them, or --name NAME
                    --profile --pid=-5                  | --pid -5 is no process ID: give numbers as pgrep prints them, or --name NAME
                    --profile --pid ,                   | --pid '' is no process ID: give numbers as pgrep prints them, or --name NAME
                    --profile --pid 99999999999         | --pid 99999999999 is no process ID: give numbers as pgrep prints them, or --name NAME
                    --profile -a --duration 0s          | --duration 0s leaves no time to sample: write for example 30s
                    --profile -a --duration 0           | --duration 0 leaves no time to sample: write for example 30s
                    --profile -a --duration 10x         | --duration 10x is no duration: write 30 for seconds, or 30s, 2m, 500ms, 1m30s
                    --profile -a --duration soon        | --duration soon is no duration: write 30 for seconds, or 30s, 2m, 500ms, 1m30s
                    --profile -a --duration=-1s         | --duration -1s is no duration: write 30 for seconds, or 30s, 2m, 500ms, 1m30s
                    --profile -a --duration 25h         | --duration 25h is more than a day: give at most 24h
                    --profile -a --sample-rate 0        | --sample-rate 0 is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --sample-rate 100000   | --sample-rate 100000 is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --sample-rate 99hz     | --sample-rate 99hz is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --unwind orc           | --unwind orc is no way to walk stacks: give auto, dwarf or fp
                    --profile -a --python-frames on     | --python-frames on is neither auto nor off: give one of them
                    -a --python-frames off --unwind orc | --unwind orc is no way to walk stacks: give auto, dwarf or fp
                    -a --python-frames=off --unwind orc | --unwind orc is no way to walk stacks: give auto, dwarf or fp
                    --profile -a --tag shop             | --tag shop is no K=V: write --tag service=shop
                    --profile -a --tag =shop            | --tag =shop is no K=V: write --tag service=shop
                    --profile -a --tag a=1 --tag a=2    | --tag a is given twice: give each key once
                    --profile -a --duration 1s --duration 2s | --duration is given twice: give it once
                    --profile -a --keep-trampoline      | --keep-trampoline has no trampoline to keep: add --inject-python
                    --profile -a --profile-output=      | --profile-output '' is no file name: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    --profile -a --profile-output       | --profile-output has no value: see perf-agent --help
                    --profile -a --memory               | unknown option --memory: see perf-agent --help
                    --profile -a shop                   | unexpected argument shop: targets are given with --pid N or --name NAME
                    4711 -d 3                           | unexpected argument 4711: targets are given with --pid N or --name NAME
                    check gunicorn                      | unexpected argument gunicorn: targets are given with --pid N or --name NAME
                    --pid 1 --outptu x                  | unknown option --outptu: did you mean --output?
                    --pid 1 --frmat x                   | unknown option --frmat: did you mean --format?
                    --pid 1 --format=svg                | --format svg is no format: give pprof, html, folded, speedscope, firefox or perf
                    --pid 1 --profil                    | unknown option --profil: did you mean --profile or --profile-output?
                    --pid 1 --dur 30                    | unknown option --dur: did you mean --duration?
                    --pid 1 --durration=30              | unknown option --durration=30: did you mean --duration?
                    --pid 1 --ouput x                   | unknown option --ouput: did you mean --output?
                    --pid 1 --profile-ouput x           | unknown option --profile-ouput: did you mean --profile-output?
                    --pid 1 --inject                    | unknown option --inject: did you mean --inject-python?
                    --pid 1 --off-cpu-min 1ms           | --off-cpu-min has no waits to speak of: add --off-cpu
                    --pid 1 --wakers                    | --wakers has no waits to speak of: add --off-cpu or --wall
                    --pid 1 --offcpu-output x           | --off-cpu-output has no waits to speak of: add --off-cpu
                    --pid 1 --off-cpu --off-cpu-threshold 2s | --off-cpu-threshold 2s is out of bounds: give 10us to 1s, 10ms is usual
                    --pid 1 --profile --off-cpu -o a --off-cpu-output ./a | -o and --off-cpu-output are both a: give each profile a file of its own
                    --pid 1 --off-cpu -o a.perf.data    | --off-cpu cannot be written as perf, whose samples all stand for the same time: give html, folded, speedscope or pprof
                    --pid 1 --off-cpu -o a --off-cpu-output b | -o and --off-cpu-output are given for one profile: leave out one of them, or add --profile for a second profile, of the time on the CPU
                    --pid 1 --event faults              | --event faults is no event: give cpu-clock, task-clock, page-faults, minor-faults, major-faults, context-switches, cpu-migrations, cycles, instructions, cache-misses, branch-misses or a tracepoint such as syscalls:sys_enter_openat
                    --pid 1 --event ../x:y              | --event ../x:y is no event: give cpu-clock, task-clock, page-faults, minor-faults, major-faults, context-switches, cpu-migrations, cycles, instructions, cache-misses, branch-misses or a tracepoint such as syscalls:sys_enter_openat
                    --pid 1 --period 5                  | --period is for events that are counted, and cpu-clock is a clock: give --sample-rate
                    --pid 1 -e task-clock -c 5          | --period is for events that are counted, and task-clock is a clock: give --sample-rate
                    --pid 1 -e page-faults -c 0         | --period 0 is no number of events: give 1 for each of them, 1000 for fewer samples
                    --pid 1 --off-cpu -e cycles         | --event is for samples of what runs, and --off-cpu alone takes none: add --profile
                    --pid 1 --pmu -e cycles             | --event is for a profile, and --pmu alone takes none: add --profile, or leave it out
                    --pid 1 --per-pid                   | --per-pid is for what --pmu counts: add --pmu
                    --pid 1 --pmu-output x.txt          | --pmu-output is for what --pmu counts: add --pmu
                    --pid 1 --pmu -o x.html             | --profile-output is for a profile, and --pmu alone takes none: add --profile, or leave it out
                    --pid 1 --pmu --inject-python       | --inject-python is for a profile, and --pmu alone takes none: add --profile, or leave it out
                    --pid 1 --pmu --pmu-output=         | --pmu-output '' is no file name: give one such as app.txt, or auto
                    --pmu                               | no target: add --pid N or --name NAME for a process, or -a for all of them
                    chek -a                             | unexpected argument chek: did you mean check?
                    record --pid 1                      | unexpected argument record: a profile needs no command, perf-agent --pid N takes one
                    off                                 | no target: add --pid N or --name NAME for a process
                    help chek                           | no command chek: did you mean check?
                    --name , -d 1                       | --name '' is no name: give one such as gunicorn
                    -a --name sh                        | both --name and -a: give one of them
                    -a -o x.svg                         | --profile-output x.svg is no name for a format that there is: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    -a -o superperf.data                | --profile-output superperf.data is no name for a format that there is: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    -a -o x.zip                         | --profile-output x.zip is no name for a format that there is: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    -a -o x.folded.gz                   | --profile-output x.folded.gz is no name for a format that there is: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    -a -o a.pb.gz -o a.JSON             | --profile-output a.JSON is no name for a format that there is: give one such as app.pb.gz, app.html, app.folded, app.speedscope.json, app.firefox.json.gz or app.perf.data
                    -a -o a.folded -o b -o a.folded     | --profile-output a.folded is given twice: give it once
                    -a -f folded -o a.pb.gz             | --format folded and --profile-output a.pb.gz are two formats: leave out --format, or give a name such as app.folded
                    -a -f folded --format pprof         | --format is given twice: give it once
                    view a.pb.gz -f firefox             | --format firefox shows when each sample was taken, which pprof files do not say: give html or folded or speedscope or pprof
                    view a.pb.gz -o a.perf.data         | --format perf shows when each sample was taken, which pprof files do not say: give html or folded or speedscope or pprof
                    diff a.pb.gz b.pb.gz -o a.pb.gz     | --format pprof has no place for what differs between two profiles: give html or folded
                    diff - -                            | standard input is one profile: give the name of a file for the other
                    view a.pb.gz --sort flatt           | --sort flatt is neither self nor total: give one of them
                    view a.pb.gz --limit all            | --limit all is no number of rows: give 30, or 0 for all
                    view a.pb.gz --focus (              | --focus ( is no regular expression: Unclosed group
                    view a.pb.gz --tre                  | unknown option --tre: did you mean --tree?
                    -a -f                               | --format has no value: see perf-agent --help
                    -a -d 1 --duration 2                | --duration is given twice: give it once
                    --profile --profile -a              | --profile is given twice: give it once
                    """)
    void wrongUsage(String args, String message) {
        assertThat(run(args.split(" +", -1))).isEqualTo(2);
        assertThat(text(err)).isEqualTo("perf-agent: " + message + "\n");
        assertThat(text(out)).isEmpty();
    }

    /** What is wanted most, on one screen. */
    @Test
    void noArgumentsAtAll() {
        assertThat(run()).isEqualTo(2);
        assertThat(text(out)).isEmpty();
        assertThat(text(err).lines().toList())
                .hasSizeLessThanOrEqualTo(23) // and the prompt
                .allMatch(line -> line.length() <= 80)
                .anyMatch(line -> line.contains("sudo perf-agent --pid 4711 --duration 30"))
                .anyMatch(line -> line.contains("sudo perf-agent --name gunicorn "))
                .anyMatch(line -> line.contains("perf-agent check -a"));
    }

    @Test
    void aNameThatNobodyHas() {
        assertThat(run("--name", "perf-agent-test-nobody")).isEqualTo(1);
        assertThat(text(err))
                .isEqualTo("perf-agent: no process is called perf-agent-test-nobody:"
                        + " names are those of programs, scripts and modules, see ps -e; or give --pid N\n");
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() {
        assertThat(run("--profile", "-a", "--tag", "a=1\n\033[2Jperf-agent: all fine"))
                .isEqualTo(2);
        assertThat(text(err)).hasLineCount(1).doesNotContain("\033");
    }

    @Test
    void missingProcess() {
        assertThat(run("--profile", "--pid", "4194305")).isEqualTo(1);
        assertThat(text(err))
                .isEqualTo("perf-agent: no process 4194305: it may have ended, see ps -e for what runs now\n");
    }

    @Test
    void version() {
        assertThat(run("--version")).isZero();
        assertThat(text(out)).matches("perf-agent \\d+\\.\\d+\\.\\d+\\S*\n");
        assertThat(text(err)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help"})
    void helpNamesEveryOption(String argument) {
        assertThat(run(argument)).isZero();
        assertThat(text(out)).isEqualTo(Help.FULL);
        assertThat(Help.FULL.lines()).allMatch(line -> line.length() <= 100);
        for (OptionSpec option :
                new CommandLine(new ProfileOptions()).getCommandSpec().options()) {
            assertThat(option.hidden() ? List.of() : List.of(option.names())).allMatch(Help.FULL::contains);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "dump", "off", "demo", "top"})
    void helpOfACommand(String command) {
        assertThat(run("help", command)).isZero();
        assertThat(text(out)).startsWith("Usage: ").contains(command, "--help");
        assertThat(Help.FULL).contains(command);
    }
}
