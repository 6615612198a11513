package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.Mapping;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The quick way to the executable mappings finds what the whole list has. */
class ProcMapsTest {
    @Test
    void executableMappingsOfThisProcess() throws Exception {
        String text = Files.readString(Path.of("/proc/self/maps"));
        assertThat(executable(text))
                .hasSizeGreaterThan(5)
                .isEqualTo(ProcMaps.parse(text).stream()
                        .filter(Mapping::executable)
                        .toList());
    }

    @Test
    void linesThatAreNone() throws Exception {
        String text = """
                1000-2000 r-xp 00000000 fe:00 1 /a
                x

                3000-4000 rwx
                zz-10 r-xp 0 fe:00 1 /b
                5000-6000 --xp 00001000 00:00 0
                """;
        assertThat(executable(text)).isEqualTo(ProcMaps.parse(text)).hasSize(2);
    }

    /** As with a process that maps a file with a long name as often as it can. */
    @Test
    void moreThanThereIsMemoryFor() throws Exception {
        String line = "1000-2000 r-xp 00000000 fe:00 1 /" + "a".repeat(4000) + "\n";
        String data = "1000-2000 rw-p 00000000 fe:00 1 /" + "a".repeat(4000) + "\n";
        assertThat(read(line.repeat(100) + data.repeat(1000), true, 500_000)).hasSize(100);
        assertThatThrownBy(() -> read(line.repeat(200), true, 500_000)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read("a".repeat(1 << 20), false, 500_000)).isInstanceOf(IOException.class);
    }

    private static List<Mapping> executable(String text) throws IOException {
        return read(text, true, Long.MAX_VALUE);
    }

    private static List<Mapping> read(String text, boolean executable, long most) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ProcMaps.read(new ByteArrayInputStream(bytes), executable, most);
    }

    @Test
    void everyFieldOfALine() {
        assertThat(ProcMaps.parse(
                        "7f0c1e000000-7f0c1e021000 r-xp 00002000 fe:0a 1234567    /a b/c  d\\012.so (deleted)\n"))
                .containsExactly(new Mapping(
                        0x7f0c1e000000L,
                        0x7f0c1e021000L,
                        0x2000,
                        true,
                        false,
                        true,
                        0xfe,
                        0x0a,
                        1234567,
                        "/a b/c  d\n.so",
                        true));
    }
}
