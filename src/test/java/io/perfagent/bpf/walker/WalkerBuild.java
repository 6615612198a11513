package io.perfagent.bpf.walker;

import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The shared object of {@code src/test/c/walker_host.c}: compiled by this machine's clang, whose absence fails the test. */
final class WalkerBuild {
    private static final Path PRODUCTION = Path.of("bpf");
    private static final Path HOST = Path.of("src/test/c/walker_host.c");

    private WalkerBuild() {}

    /** Compiles the program in {@code sources}, a folder like {@code bpf/}; returns the shared object in {@code directory}. */
    private static Path compile(Path sources, Path directory, String level, String warnings)
            throws IOException, InterruptedException {
        Path object = directory.resolve("walker.so");
        Tool.output(
                List.of(
                        "clang",
                        level,
                        "-fPIC",
                        "-shared",
                        "-fvisibility=hidden",
                        "-Wall",
                        "-Wextra",
                        warnings,
                        "-Wno-unused-function",
                        "-Wno-unused-const-variable",
                        "-Wno-unknown-attributes",
                        "-I" + sources.toAbsolutePath(),
                        HOST.toAbsolutePath().toString(),
                        "-o",
                        object.toString()),
                directory);
        return object;
    }

    static Path compileProduction(Path directory) throws IOException, InterruptedException {
        return compile(PRODUCTION, directory, "-O2", "-Werror");
    }

    /** Compiles with a fault planted: the one place in {@code file} that reads {@code right} reads {@code wrong}. */
    static Path compileFaulty(String file, String right, String wrong, Path directory)
            throws IOException, InterruptedException {
        try (var sources = Files.list(PRODUCTION)) {
            for (Path source : (Iterable<Path>) sources::iterator) {
                Files.copy(source, directory.resolve(source.getFileName()));
            }
        }
        Path changed = directory.resolve(file);
        String text = Files.readString(changed);
        int at = text.indexOf(right);
        if (at < 0 || text.indexOf(right, at + 1) >= 0) {
            throw new AssertionError(file + " has not one place that reads: " + right);
        }
        Files.writeString(changed, text.substring(0, at) + wrong + text.substring(at + right.length()));
        return compile(directory, directory, "-O0", "-w");
    }
}
