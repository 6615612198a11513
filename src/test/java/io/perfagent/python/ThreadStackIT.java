package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How much stack Python functions need at the recursion limit: the interpreters themselves say so, by ending well or by a signal. */
final class ThreadStackIT {
    private static final List<String> KINDS =
            List.of("plain", "keywords", "generator", "property", "constructor", "attribute");
    private static final int SIGSEGV = 128 + 11;

    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void whatIsAcceptedIsEnough(String python) throws Exception {
        long needed = ActivationGates.stackNeeded(TestInterpreters.minor(python));
        long kilobytes = needed == 0 ? 256 : needed >> 10;
        for (String kind : KINDS) {
            assertThat(recurse(python, kind, kilobytes, "on")).as(kind).isZero();
        }
    }

    /** The reason for the gate: on a small stack the trampoline makes the difference between an exception and a crash. */
    @ParameterizedTest
    @MethodSource("io.perfagent.python.TestInterpreters#all")
    void aSmallStackOverflowsUntil313(String python) throws Exception {
        assertThat(recurse(python, "plain", 256, "off")).isZero();
        assertThat(recurse(python, "plain", 256, "on")).isEqualTo(TestInterpreters.minor(python) < 14 ? SIGSEGV : 0);
    }

    private static int recurse(String python, String kind, long kilobytes, String trampoline) throws Exception {
        Process process = new ProcessBuilder(python, "-c", source(), kind, Long.toString(kilobytes), trampoline)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        for (String tmp : List.of("/tmp", "target/interpreters/debian-sid/root/tmp")) {
            Files.deleteIfExists(Path.of(tmp, "perf-" + process.pid() + ".map"));
        }
        assertThat(said).isEqualTo(status == 0 ? "RecursionError\n" : "");
        return status;
    }

    private static String source() throws Exception {
        try (InputStream in = Objects.requireNonNull(ThreadStackIT.class.getResourceAsStream("recursion.py"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
