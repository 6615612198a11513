package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.agent.StopSignal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                    -a                                  | nothing to do: add --profile
                    --pid 1 --inject-python             | --inject-python names the functions of a profile: add --profile
                    --profile                           | no target: add --pid N for a process, or -a for all of them
                    --profile -a --pid 1                | both --pid and -a: give one of them
                    --profile --pid                     | --pid has no process ID: is it running? (pgrep prints nothing where no process matches)
                    --profile --pid --duration 1s       | --pid has no process ID: is it running? (pgrep prints nothing where no process matches)
                    --profile --pid x                   | --pid x is no process ID: give numbers as pgrep prints them
                    --profile --pid 0                   | --pid 0 is no process ID: give numbers as pgrep prints them
                    --profile --pid=-5                  | --pid -5 is no process ID: give numbers as pgrep prints them
                    --profile --pid ,                   | --pid '' is no process ID: give numbers as pgrep prints them
                    --profile --pid 99999999999         | --pid 99999999999 is no process ID: give numbers as pgrep prints them
                    --profile -a --duration 0s          | --duration 0s leaves no time to sample: write for example 30s
                    --profile -a --duration 0           | --duration 0 is no duration: write 30s, 2m, 500ms or 1m30s
                    --profile -a --duration 10          | --duration 10 is no duration: write 30s, 2m, 500ms or 1m30s
                    --profile -a --duration soon        | --duration soon is no duration: write 30s, 2m, 500ms or 1m30s
                    --profile -a --duration=-1s         | --duration -1s is no duration: write 30s, 2m, 500ms or 1m30s
                    --profile -a --duration 25h         | --duration 25h is more than a day: give at most 24h
                    --profile -a --sample-rate 0        | --sample-rate 0 is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --sample-rate 100000   | --sample-rate 100000 is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --sample-rate 99hz     | --sample-rate 99hz is no rate: give 1 to 10000 samples per second, 99 is usual
                    --profile -a --unwind orc           | --unwind orc is no way to walk stacks: give auto, dwarf or fp
                    --profile -a --tag shop             | --tag shop is no K=V: write --tag service=shop
                    --profile -a --tag =shop            | --tag =shop is no K=V: write --tag service=shop
                    --profile -a --tag a=1 --tag a=2    | --tag a is given twice: give each key once
                    --profile -a --duration 1s --duration 2s | --duration is given twice: give it once
                    --profile -a --keep-trampoline      | --keep-trampoline has no trampoline to keep: add --inject-python
                    --profile -a --profile-output=      | --profile-output '' is no file name: give one such as app.pb.gz
                    --profile -a --profile-output       | --profile-output has no value: see perf-agent --help
                    --profile -a --memory               | unknown option --memory: see perf-agent --help
                    --profile -a shop                   | unexpected argument shop: see perf-agent --help
                    --profile --profile -a              | --profile is given twice: give it once
                    """)
    void wrongUsage(String args, String message) {
        assertThat(run(args.split(" +", -1))).isEqualTo(2);
        assertThat(text(err)).isEqualTo("perf-agent: " + message + "\n");
        assertThat(text(out)).isEmpty();
    }

    @Test
    void noArgumentsAtAll() {
        assertThat(run()).isEqualTo(2);
        assertThat(text(err)).isEqualTo("perf-agent: nothing to do: add --profile\n");
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

    @Test
    void helpNamesEveryOption() {
        assertThat(run("--help")).isZero();
        assertThat(text(out))
                .contains("--profile", "--pid", "-a, --all", "--duration", "--sample-rate", "--unwind")
                .contains("--inject-python", "--keep-trampoline", "--profile-output", "--tag", "demo");
    }
}
