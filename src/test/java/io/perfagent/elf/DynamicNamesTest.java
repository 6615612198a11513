package io.perfagent.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected names by readelf. */
final class DynamicNamesTest {
    private static final Pattern SONAME = Pattern.compile("soname: \\[(.*)]");
    private static final Pattern NEEDED = Pattern.compile("\\(NEEDED\\) +Shared library: \\[(.*)]");

    @ParameterizedTest
    @ValueSource(strings = {"libc.so.6", "libm.so.6", "libz.so.1"})
    void asReadelfSays(String name) throws Exception {
        Path library = Path.of("/lib/x86_64-linux-gnu", name);
        String said = Tool.output("readelf", "-dW", library.toString());
        try (ElfFile file = ElfFile.open(library)) {
            DynamicNames names = DynamicNames.of(file);
            assertThat(names.soname()).isEqualTo(all(SONAME, said).getFirst());
            assertThat(names.needed()).isNotEmpty().isEqualTo(all(NEEDED, said));
        }
    }

    private static List<String> all(Pattern pattern, String said) {
        return pattern.matcher(said).results().map(found -> found.group(1)).toList();
    }

    @Test
    void aProgramHasNoNameOfItsOwn() throws Exception {
        try (ElfFile file = ElfFile.open(Path.of("/bin/sh"))) {
            assertThat(DynamicNames.of(file)).isEqualTo(new DynamicNames("", List.of("libc.so.6")));
        }
    }
}
