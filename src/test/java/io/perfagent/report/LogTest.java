package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Log log = new Log(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void wordsThenPairs() {
        log.line("python inject skipped", "pid", 12, "reason", "not_python");
        assertThat(written()).isEqualTo("python inject skipped pid=12 reason=not_python\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    plain/path-1.2          | plain/path-1.2
                    two words               | "two words"
                    a=b                     | "a=b"
                    say "hi"                | "say \\"hi\\""
                    back\\slash             | "back\\\\slash"
                    größe                   | "größe"
                    ``                      | ""
                    """)
    void values(String value, String quoted) {
        assertThat(Quoted.of(value)).isEqualTo(quoted);
    }

    /** Names come from processes that anyone may have started. */
    @Test
    void hostileNamesCannotForgeLinesOrDriveTheTerminal() {
        log.line("skipped", "comm", "x\nskipped pid=1 reason=fine\r\033]0;title\007\u202e\u0085\u2028");
        assertThat(written())
                .isEqualTo("skipped comm=\"x\\nskipped pid=1 reason=fine\\u{d}\\u{1b}]0;title\\u{7}"
                        + "\\u{202e}\\u{85}\\u{2028}\"\n");
    }

    @Test
    void tracesAndMessagesQuoteNamesToo() {
        assertThat(Log.oneLine("no \033[2J\n file \"a b\" \u05d0"))
                .isEqualTo("no \\u{1b}[2J\\u{a} file \"a b\" \\u{5d0}");
        assertThat(Log.trace(new IllegalStateException("\033[2J")).lines())
                .first()
                .isEqualTo("java.lang.IllegalStateException: \\u{1b}[2J");
    }

    @Test
    void statusLineIsRewrittenAndErased() {
        try (StatusLine status = new StatusLine(log, true)) {
            status.update(Duration.ofMillis(900), Duration.ofSeconds(30), 100, 100);
            status.update(Duration.ofMillis(1100), Duration.ofSeconds(30), 0, 0);
        }
        assertThat(written())
                .isEqualTo("\r0.9 s of 30.0 s: 100 samples, 100.00 % complete"
                        + "\r1.1 s of 30.0 s: 0 samples" + " ".repeat(21)
                        + "\r" + " ".repeat(26) + "\r");
    }

    @Test
    void logLineTakesThePlaceOfTheStatusLine() {
        StatusLine status = new StatusLine(log, true);
        status.update(Duration.ZERO, Duration.ofSeconds(1), 0, 0);
        log.line("late", "pid", 1);
        assertThat(written()).endsWith("\r" + " ".repeat(25) + "\rlate pid=1\n");
    }

    @Test
    void noStatusLineWithoutATerminal() {
        try (StatusLine status = new StatusLine(log, false)) {
            status.update(Duration.ZERO, Duration.ofSeconds(1), 0, 0);
        }
        assertThat(written()).isEmpty();
    }

    @Test
    void completeShareIsNotRoundedUp() {
        assertThat(StatusLine.text(Duration.ZERO, Duration.ofSeconds(1), 100_000, 99_999))
                .endsWith("99.99 % complete");
    }
}
