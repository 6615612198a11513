package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a machine without libbpf: in a mount namespace where nothing lies under the names that the dynamic linker knows. */
class MissingLibbpfIT {
    private static final String WITHOUT = """
            for library in $(ldconfig -p | sed -n 's/.*libbpf\\.so\\.1 .*=> //p'); do
              mount --bind /dev/null "$(readlink -f "$library")"
            done
            exec "$@"
            """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"--profile", "--off-cpu", "--pmu"})
    void saysWhatToInstall(String what) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-euc", WITHOUT, "sh"));
        String self = Long.toString(ProcessHandle.current().pid());
        command.addAll(Agent.command(what, "--pid", self, "--duration", "1s"));
        Process run = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(new File("/dev/null"))
                .start();
        String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(err).isEqualTo(1);
        assertThat(err.lines())
                .contains("perf-agent: libbpf.so.1 not found: install libbpf"
                        + " (Debian, Ubuntu: apt-get install libbpf1; Fedora: libbpf)")
                .noneMatch(line -> line.contains("Exception") || line.strip().startsWith("at "));
        assertThat(directory).isEmptyDirectory();
    }
}
