package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** As users start it: as a module, which sees no more of the JDK than it asks for. All other tests run it from the class path. */
class ModuleStartIT {
    @Test
    void startsAsAModule() throws Exception {
        String output = Tool.output(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=io.perfagent",
                "--module-path",
                modulePath(),
                "--module",
                "io.perfagent/io.perfagent.cli.Main",
                "--version");
        assertThat(output.lines()).singleElement().asString().startsWith("perf-agent ");
    }

    /** What {@code target/program/lib} holds, and the classes under test. */
    private static String modulePath() {
        Stream<String> libraries = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> entry.matches(".*/(picocli|protobuf-java|xz|jspecify)-[0-9.]+\\.jar"));
        return Stream.concat(
                        Stream.of(Path.of("target", "classes").toAbsolutePath().toString()), libraries)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
