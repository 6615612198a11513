package io.perfagent.unwind.x86_64.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Lengths of instructions: those of every file in {@code -Dcode.files}, separated by colons and {@code -Dcode.instructions} in all, or of some
 * libraries.
 */
class DecoderTest {
    private static final String LIBRARIES = "/lib/x86_64-linux-gnu";
    private static final List<String> SOME = List.of("libc.so.6", "libm.so.6", "libcrypto.so.3", "libstdc++.so.6");

    @Test
    void lengthsAreThoseOfObjdump() throws Exception {
        long most = Long.getLong("code.instructions", 200_000);
        long compared = 0;
        for (Path file : files()) {
            Objdump objdump = Objdump.compare(file, most - compared);
            System.out.printf(
                    "lengths file=%s compared=%d differing=%d skipped=%d%n",
                    file.getFileName(), objdump.compared, objdump.differing, objdump.skipped);
            assertThat(objdump.differences()).as(file.toString()).isEmpty();
            compared += objdump.compared;
            if (compared >= most) {
                break;
            }
        }
        assertThat(compared).isGreaterThan(most / 2);
    }

    private static List<Path> files() throws IOException {
        String given = System.getProperty("code.files", "");
        Stream<Path> files = given.isEmpty()
                ? SOME.stream().map(name -> Path.of(LIBRARIES, name)).filter(Files::exists)
                : Stream.of(given.split(":", -1)).map(Path::of);
        return files.toList();
    }
}
