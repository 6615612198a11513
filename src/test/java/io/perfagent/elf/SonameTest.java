package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected names by readelf. */
final class SonameTest {
    @ParameterizedTest
    @ValueSource(strings = {"libc.so.6", "libm.so.6", "libz.so.1"})
    void asReadelfSays(String name) throws Exception {
        Path library = Path.of("/lib/x86_64-linux-gnu", name);
        Matcher soname = Pattern.compile("soname: \\[(.*)]").matcher(Tool.output("readelf", "-dW", library.toString()));
        assertThat(soname.find()).isTrue();
        try (ElfFile file = ElfFile.open(library)) {
            assertThat(Soname.of(file)).isEqualTo(soname.group(1));
        }
    }

    @Test
    void aProgramHasNone() throws Exception {
        try (ElfFile file = ElfFile.open(Path.of("/bin/sh"))) {
            assertThat(Soname.of(file)).isEmpty();
        }
    }
}
