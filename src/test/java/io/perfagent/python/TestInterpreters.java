package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Tool;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The interpreters of the machine, 3.12 and newer: those that PERF_AGENT_TEST_PYTHONS names, separated by colons; else those of pyenv
 * and those fetched into {@code target/interpreters}. None at all is a failure.
 */
final class TestInterpreters {
    private static final String NAMES = "python3.1[2-9]*";

    private TestInterpreters() {}

    static Stream<String> all() {
        List<String> found = new ArrayList<>();
        String named = System.getenv("PERF_AGENT_TEST_PYTHONS");
        if (named != null) {
            found.addAll(List.of(named.split(File.pathSeparator, -1)));
        } else {
            addPyenv(found);
            addFetched(found);
        }
        assertThat(found).as("interpreters to test with").isNotEmpty();
        return found.stream();
    }

    /** Two are enough for what takes long: one that clears the trampoline's memory itself, and one that does not. */
    static Stream<String> some() {
        return all().limit(2);
    }

    /** The newest build of each of 3.12, 3.13, … that the fork gate lets through. */
    static Stream<String> oneOfEachMinor() {
        Map<String, String> chosen = new TreeMap<>();
        for (Interpreter interpreter : Interpreter.all()) {
            String[] version = interpreter.version().split("\\.", -1);
            if (!ActivationGates.crashesOnFork(Integer.parseInt(version[1]), Integer.parseInt(version[2]))) {
                chosen.put(version[1], interpreter.command().toString());
            }
        }
        return chosen.values().stream();
    }

    /** Those that no gate of the version stops. */
    static Stream<String> switchable() {
        return all().filter(python -> !ActivationGates.crashesOnFork(minor(python), version(python, "micro")));
    }

    static Stream<String> since313() {
        return switchable().filter(python -> minor(python) >= 13);
    }

    static int minor(String python) {
        return version(python, "minor");
    }

    static int version(String python, String part) {
        try {
            return Integer.parseInt(Tool.output(python, "-c", "import sys; print(sys.version_info." + part + ")")
                    .strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String first() {
        return all().findFirst().orElseThrow();
    }

    private static void addPyenv(List<String> found) {
        for (Path version : list(Path.of(System.getProperty("user.home"), ".pyenv", "versions"), "3.1[2-9]*")) {
            for (Path python : list(version.resolve("bin"), "python3.1[0-9]")) {
                found.add(python.toString());
            }
        }
    }

    private static void addFetched(List<String> found) {
        for (Path folder : list(Path.of("target", "interpreters").toAbsolutePath(), "*")) {
            for (Path python : list(folder, "{python," + NAMES + "}")) {
                if (Files.isExecutable(python) && Files.isRegularFile(python)) {
                    found.add(python.toString());
                }
            }
        }
    }

    private static List<Path> list(Path folder, String glob) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
            List<Path> sorted = new ArrayList<>();
            entries.forEach(sorted::add);
            sorted.sort(null);
            return sorted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
