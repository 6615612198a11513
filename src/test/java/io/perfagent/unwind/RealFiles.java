package io.perfagent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Vdso;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;

/** Files of this machine to test with; one that is missing fails the test. */
final class RealFiles {
    private static final List<Path> LIBRARY_DIRECTORIES = List.of(
            Path.of("/lib/x86_64-linux-gnu"),
            Path.of("/usr/lib/x86_64-linux-gnu"),
            Path.of("/lib64"),
            Path.of("/usr/lib64"));

    private RealFiles() {}

    static Path library(String name) {
        return LIBRARY_DIRECTORIES.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + LIBRARY_DIRECTORIES));
    }

    static Path jvm() {
        return Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so");
    }

    /** A libpython of pyenv or of the system, the newest; else a static interpreter. */
    static Path python() throws IOException {
        Path versions = Path.of(System.getProperty("user.home"), ".pyenv", "versions");
        Path found = newest(versions, 3, "libpython3.1*.so.1.0");
        for (Path directory : LIBRARY_DIRECTORIES) {
            found = found != null ? found : newest(directory, 1, "libpython3.*.so.1.0");
        }
        Path executable = Path.of("/usr/bin/python3");
        found = found != null ? found : Files.exists(executable) ? executable.toRealPath() : null;
        assertThat(found).as("a libpython or python3").isNotNull();
        return found;
    }

    /** The vdso of this process, written to a file. */
    static Path vdso(Path directory) throws IOException {
        return Files.write(directory.resolve("vdso.so"), Vdso.image());
    }

    /** Our program of unusual frames. */
    static Path compiled(String compiler, Path directory) throws IOException, InterruptedException {
        Path source = directory.resolve("frames.c");
        try (InputStream text = RealFiles.class.getResourceAsStream("/unwind/frames.c")) {
            Files.copy(text, source);
        }
        Path program = directory.resolve("frames-" + compiler);
        Process process = new ProcessBuilder(compiler, "-O2", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).as(compiler).isZero();
        return program;
    }

    private static Path newest(Path directory, int depth, String name) throws IOException {
        if (!Files.isDirectory(directory)) {
            return null;
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + name);
        try (Stream<Path> files = Files.walk(directory, depth)) {
            return files.filter(file -> matcher.matches(file.getFileName()))
                    .max((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .orElse(null);
        }
    }
}
