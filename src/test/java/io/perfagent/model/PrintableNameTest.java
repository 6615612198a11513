package io.perfagent.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "_ZN3foo3barEv", "café.größe", "лист", "関数", "f𝒙"})
    void whatCanBeReadStays(String name) {
        assertThat(PrintableName.whole(name)).isEqualTo(name);
        assertThat(PrintableName.of(name)).isEqualTo(name);
    }

    /** A control character, the one that turns the direction of text, a line's end, and half of a pair, at either end. */
    @ParameterizedTest
    @CsvSource({
        "'a\u001b[31m', 'a\ufffd[31m'",
        "'a\u202eb', 'a\ufffdb'",
        "'a\u2028b', 'a\ufffdb'",
        "'\ud835b', '\ufffdb'",
        "'f\udc99', 'f\ufffd'"
    })
    void whatATerminalObeysDoesNot(String name, String printable) {
        assertThat(PrintableName.whole(name)).isEqualTo(printable);
        assertThat(PrintableName.of(name)).isEqualTo(printable);
    }

    @Test
    void aNameHas4096Characters() {
        assertThat(PrintableName.of("x".repeat(4096))).hasSize(4096);
        assertThat(PrintableName.of("x".repeat(4097))).hasSize(4096);
        assertThat(PrintableName.whole("x".repeat(4097))).hasSize(4097);
    }

    @Test
    void bytesOfAnotherEncodingAreNoCharacters() {
        byte[] name = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(PrintableName.whole(name, 0, name.length)).isEqualTo("caf\ufffd");
    }
}
