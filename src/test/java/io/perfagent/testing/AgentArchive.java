package io.perfagent.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The classes under test in jars, and what a virtual machine keeps of a rehearsal of them, as the launcher has it keep those of the
 * program: {@code scripts/test-agent} makes both. Where a class has been compiled since then, or this virtual machine runs others, they
 * are used as they lie.
 */
public final class AgentArchive {
    private static final Path FOLDER = Path.of("target", "agent").toAbsolutePath();
    private static final String CACHE = "agent.aot";
    private static final List<Path> CLASSES = List.of(
            Path.of("target", "classes").toAbsolutePath(),
            Path.of("target", "test-classes").toAbsolutePath());
    private static final boolean FRESH = isFresh();

    private AgentArchive() {}

    /** Rehearses, on a process of Python's. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path cache = FOLDER.resolve(CACHE);
        Path profile = FOLDER.resolve("rehearsal.pb.gz");
        Path said = FOLDER.resolve("rehearsal.log");
        List<String> command =
                Agent.virtualMachine(List.of("-XX:AOTCacheOutput=" + cache, "--class-path", jars(FOLDER)));
        command.addAll(List.of("io.perfagent.cli.LongRehearsal", arguments[0], profile.toString()));
        Process rehearsal = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (rehearsal.waitFor() != 0 || !Files.deleteIfExists(profile) || !Files.exists(cache)) {
            throw new IOException("the rehearsal has failed: see " + said);
        }
    }

    /** What makes a virtual machine find the classes under test. */
    static List<String> options() {
        return FRESH ? options(FOLDER) : List.of("--class-path", classPath());
    }

    /** The same of a copy. */
    static List<String> options(Path folder) {
        return FRESH
                ? List.of("-XX:AOTCache=" + folder.resolve(CACHE), "--class-path", jars(folder))
                : List.of("--class-path", folder + "/classes:" + folder + "/*");
    }

    /** What a folder needs to hold for it. */
    static Stream<String> files() {
        return FRESH
                ? Stream.concat(
                        Stream.of(jars(FOLDER).split(File.pathSeparator, -1)),
                        Stream.of(FOLDER.resolve(CACHE).toString()))
                : Stream.of(classPath().split(File.pathSeparator, -1))
                        .filter(entry ->
                                entry.endsWith("/classes") || entry.matches(".*/(picocli|protobuf-java|xz)-.*"));
    }

    private static String jars(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toString)
                    .filter(file -> file.endsWith(".jar"))
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    /** Of the classes that this virtual machine runs, and made after each of them. */
    private static boolean isFresh() {
        try {
            Path ours = Path.of(AgentArchive.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .getPath());
            Path cache = FOLDER.resolve(CACHE);
            return ours.equals(CLASSES.getLast())
                    && Files.exists(cache)
                    && !anyIsNewer(Files.getLastModifiedTime(cache));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean anyIsNewer(FileTime made) throws IOException {
        for (Path folder : CLASSES) {
            try (Stream<Path> files = Files.find(
                    folder,
                    Integer.MAX_VALUE,
                    (_, file) -> file.isRegularFile() && file.lastModifiedTime().compareTo(made) > 0)) {
                if (files.findAny().isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }
}
