package io.perfagent.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program as a process of its own, from the classes under test. */
public final class Agent {
    private static final String HEAP = "-Xmx256m";
    /** Those of the launcher. */
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "-Xms16m",
            "-Xmn6m",
            HEAP,
            "-XX:-UsePerfData",
            "-XX:+DisplayVMOutputToStderr",
            "--enable-native-access=ALL-UNNAMED");

    private Agent() {}

    /** The command that runs it with these arguments, whatever the working directory. */
    public static List<String> command(String... arguments) {
        return java("io.perfagent.cli.Main", arguments);
    }

    /** The same with another heap than that of a machine with memory enough, MiB. */
    public static List<String> commandWithHeap(int heap, String... arguments) {
        List<String> command = command(arguments);
        command.replaceAll(option -> option.equals(HEAP) ? "-Xmx" + heap + "m" : option);
        return command;
    }

    /** The command that runs a class in a virtual machine like the program's. */
    public static List<String> java(String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.addAll(List.of("--class-path", classPath(), main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Starts it. */
    public static Process start(Path directory, String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .directory(directory.toFile())
                .start();
    }

    /** Returns when a run takes samples: then there is the thread that reads them. */
    public static void awaitSampling(Process run) throws IOException, InterruptedException {
        while (run.isAlive() && !threadNames(run.pid()).contains("sample-reader")) {
            Thread.sleep(20);
        }
    }

    private static List<String> threadNames(long pid) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                names.add(Files.readString(thread.resolve("comm")).strip());
            }
        } catch (NoSuchFileException _) {
            names.clear(); // one of them has ended
        }
        return names;
    }

    private static String classPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
