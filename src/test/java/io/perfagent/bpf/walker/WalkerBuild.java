package io.perfagent.bpf.walker;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The shared object of {@code src/test/c/walker_host.c}: compiled by this machine's clang, whose absence fails the test. */
final class WalkerBuild {
    private static final Path PRODUCTION = Path.of("bpf");
    private static final Path HOST = Path.of("src/test/c/walker_host.c");

    private static byte[] production = {};

    private WalkerBuild() {}

    /** Compiles the program in {@code sources}, a folder like {@code bpf/}; returns the shared object in {@code directory}. */
    private static Path compile(Path sources, Path directory, String level, String warnings)
            throws IOException, InterruptedException {
        Path unit = directory.resolve("walker.o");
        Path object = directory.resolve("walker.so");
        Tool.output(
                List.of(
                        "clang",
                        level,
                        "-fPIC",
                        "-c",
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
                        unit.toString()),
                directory);
        Tool.output(List.of("ld", "-shared", "-o", object.toString(), unit.toString()), directory);
        return object;
    }

    /** The program as it stands in {@code bpf/}. It takes a compiler seconds, so that a virtual machine has it compiled once. */
    static synchronized Path production(Path directory) throws IOException, InterruptedException {
        if (production.length == 0) {
            production = Files.readAllBytes(compile(PRODUCTION, directory, "-O2", "-Werror"));
        }
        return Files.write(directory.resolve("walker.so"), production);
    }

    /** Compiles with a fault planted: the one place in {@code file} that reads {@code right} reads {@code wrong}. */
    static Path compileFaulty(String file, String right, String wrong, Path directory)
            throws IOException, InterruptedException {
        try (var sources = Files.list(PRODUCTION)) {
            for (Path source : (Iterable<Path>) sources::iterator) {
                Files.copy(source, directory.resolve(source.getFileName()));
            }
        }
        callWhatIsInlined(directory.resolve("kernel.h"));
        Files.writeString(directory.resolve(file), planted(file, right, wrong));
        return compile(directory, directory, "-O0", "-w");
    }

    /** The text of a file with the fault. */
    static String planted(String file, String right, String wrong) throws IOException {
        String text = Files.readString(PRODUCTION.resolve(file));
        int at = text.indexOf(right);
        if (at < 0 || text.indexOf(right, at + 1) >= 0) {
            throw new AssertionError(file + " has not one place that reads: " + right);
        }
        return text.substring(0, at) + wrong + text.substring(at + right.length());
    }

    /** The verifier wants it inline. Here it would be compiled wherever it is called, for each fault anew: a third of the time. */
    private static void callWhatIsInlined(Path kernel) throws IOException {
        String text = Files.readString(kernel);
        String called = text.replace(" inline __attribute__((always_inline))", "");
        assertThat(called).isNotEqualTo(text);
        Files.writeString(kernel, called);
    }
}
