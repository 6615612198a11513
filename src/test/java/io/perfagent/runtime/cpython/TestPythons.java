package io.perfagent.runtime.cpython;

import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Every interpreter that there is, those too that have no trampoline. */
final class TestPythons {
    private static final Path OWN = Path.of(System.getProperty("user.home"), ".pyenv", "versions");

    private TestPythons() {}

    static List<Interpreter> all() {
        List<Interpreter> all = new ArrayList<>(Interpreter.all());
        for (Path home : own()) {
            String version = home.getFileName().toString();
            Path command = home.resolve("bin/python3");
            Interpreter interpreter = new Interpreter("pyenv-" + version, version, "shared", command);
            if (version.startsWith("3.")
                    && all.stream().noneMatch(one -> one.name().equals(interpreter.name()))) {
                all.add(interpreter);
            }
        }
        all.sort(Comparator.comparingInt(interpreter -> interpreter.part(1)));
        return all;
    }

    private static List<Path> own() {
        try (Stream<Path> homes = Files.list(OWN)) {
            return homes.filter(home -> Files.exists(home.resolve("bin/python3")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
