package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The quick way to the executable mappings finds what the whole list has. */
class ProcMapsTest {
    @Test
    void executableMappingsOfThisProcess() throws Exception {
        String text = Files.readString(Path.of("/proc/self/maps"));
        assertThat(ProcMaps.parseExecutable(text))
                .hasSizeGreaterThan(5)
                .isEqualTo(ProcMaps.parse(text).stream()
                        .filter(Mapping::executable)
                        .toList());
    }

    @Test
    void linesThatAreNone() {
        String text = "1000-2000 r-xp 00000000 fe:00 1 /a\nx\n\n3000-4000 rwx\nzz-10 r-xp 0 fe:00 1 /b\n"
                + "5000-6000 --xp 00001000 00:00 0";
        assertThat(ProcMaps.parseExecutable(text))
                .isEqualTo(ProcMaps.parse(text))
                .hasSize(2);
    }
}
