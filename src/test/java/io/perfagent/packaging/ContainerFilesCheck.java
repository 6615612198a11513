package io.perfagent.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is shipped for containers, read by those who know: Kubernetes' own types, strictly, and BuildKit's parser ({@code src/test/manifests}).
 */
class ContainerFilesCheck {
    private static final Path READER = Path.of("src", "test", "manifests").toAbsolutePath();
    private static final Path PACKAGING = Path.of("packaging").toAbsolutePath();
    private static final Pattern ADDED = Pattern.compile(": perf-agent: \\[([A-Z_ ]+)]");

    @TempDir
    private Path folder;

    private static String read(Path... files) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("go", "run", "."), Arrays.stream(files).map(Path::toString))
                .toList();
        return Tool.output(command, READER);
    }

    @Test
    void containerfile() throws Exception {
        assertThat(read(PACKAGING.resolve("Containerfile")))
                .contains("stage unpacked from docker.io/library/debian:trixie-slim, 2 instructions");
    }

    @ParameterizedTest
    @CsvSource({"daemonset.yaml, DaemonSet perf-agent", "sidecar.yaml, Deployment shop"})
    void manifestGivesTheRightsOfTheService(String file, String what) throws Exception {
        String said = read(PACKAGING.resolve("kubernetes").resolve(file));
        assertThat(said).contains(what);
        Matcher added = ADDED.matcher(said);
        assertThat(added.find()).isTrue();
        assertThat(added.group(1).split(" ", -1)).containsExactly(rightsOfTheService());
    }

    private static String[] rightsOfTheService() throws IOException {
        return Files.readAllLines(PACKAGING.resolve("perf-agent.service")).stream()
                .filter(line -> line.startsWith("CapabilityBoundingSet="))
                .map(line -> line.substring(line.indexOf('=') + 1).replace("CAP_", ""))
                .findAny()
                .orElseThrow()
                .split(" ", -1);
    }

    /** A reader that takes anything would find no fault in ours. */
    @ParameterizedTest
    @CsvSource({
        "hostPID: true, hostPid: true, hostPid",
        "'mountPath: /tmp', 'mountpath: /tmp', mountpath",
        "'runAsUser: 0', 'runAsUser: root', runAsUser",
        "'- name: tmp\n              mountPath', '- name: temp\n              mountPath', temp",
    })
    void whatIsWrongIsNoticed(String right, String wrong, String named) throws Exception {
        String text = Files.readString(PACKAGING.resolve("kubernetes").resolve("daemonset.yaml"));
        assertThat(text).contains(right);
        Path file = Files.writeString(folder.resolve("wrong.yaml"), text.replace(right, wrong));
        assertThatThrownBy(() -> read(file)).hasMessageContaining(named);
    }

    @Test
    void anInstructionThatThereIsNotIsNoticed() throws Exception {
        String text = Files.readString(PACKAGING.resolve("Containerfile"));
        Path file = Files.writeString(folder.resolve("Containerfile"), text.replace("ENTRYPOINT", "ENTRYPONT"));
        assertThatThrownBy(() -> read(file)).hasMessageContaining("ENTRYPONT");
    }
}
