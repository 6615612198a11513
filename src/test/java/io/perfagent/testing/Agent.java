package io.perfagent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as a process of its own, from the classes under test. */
public final class Agent {
    private static final String HEAP = "-Xmx256m";
    private static final String NATIVE_ACCESS = "--enable-native-access=";
    private static final List<String> OPTIONS = options();

    private static final int LOOK_MILLIS = 1000;

    private Agent() {}

    /** Those of the launcher. */
    private static List<String> options() {
        try {
            String launcher = Files.readString(Path.of("scripts", "launch"));
            int begin = launcher.indexOf("-XX:+UseSerialGC");
            String options = launcher.substring(begin, launcher.indexOf(NATIVE_ACCESS, begin));
            return List.of(options.replace("\\\n", " ")
                    .replace("\"-Xmx${heap}m\"", HEAP)
                    .strip()
                    .split("\\s+", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

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
        List<String> command = virtualMachine(AgentArchive.options());
        command.add(main);
        command.addAll(List.of(arguments));
        return command;
    }

    /** The command that starts one, but for what it is to run. */
    static List<String> virtualMachine(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.add(NATIVE_ACCESS + "ALL-UNNAMED");
        command.addAll(options);
        return command;
    }

    /** The command that runs it as users do: as a module, which sees no more of the JDK than it asks for. */
    public static List<String> asModule(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.add(NATIVE_ACCESS + "io.perfagent,org.jline.terminal.ffm");
        command.addAll(List.of("--module-path", modulePath()));
        command.addAll(List.of("--module", "io.perfagent/io.perfagent.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** What {@code target/program/lib} holds, and the classes under test. */
    public static String modulePath() {
        Stream<String> libraries = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(
                        entry -> entry.matches(
                                ".*/(picocli|protobuf-java|opentelemetry-proto|xz|tomlj|httpcore5|httpcore5-h2|jspecify|jline-(terminal|terminal-ffm|native))-[0-9.]+(-alpha)?\\.jar"));
        return Stream.concat(
                        Stream.of(Path.of("target", "classes").toAbsolutePath().toString()), libraries)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Starts it. */
    public static Process start(Path directory, String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .directory(directory.toFile())
                .start();
    }

    /** Returns when a run takes samples: then there is the thread that reads them. */
    public static void awaitSampling(Process run) throws IOException, InterruptedException {
        await(run, "sample-reader");
    }

    /** Returns when a run has looked at the interpreters that are there: what comes up from now on is late. */
    public static void awaitArrivals(Process run) throws IOException, InterruptedException {
        await(run, "python-arrivals");
        Thread.sleep(LOOK_MILLIS);
    }

    private static void await(Process run, String thread) throws IOException, InterruptedException {
        while (run.isAlive() && !threadNames(run.pid()).contains(thread)) {
            Thread.sleep(20);
        }
    }

    /** What a run says until it says this. */
    public static String saidUntil(Process run, String words) throws IOException {
        StringBuilder said = new StringBuilder();
        BufferedReader lines = run.errorReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.contains(words)) {
                break;
            }
        }
        return said.toString();
    }

    /** Ends a run; what it says from then on. */
    public static String saidWhenEnded(Process run) throws IOException, InterruptedException {
        boolean _ = run.toHandle().destroy();
        String said = run.errorReader(StandardCharsets.UTF_8).readAllAsString();
        assertThat(run.waitFor()).as(said).isZero();
        return said;
    }

    private static List<String> threadNames(long pid) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                names.add(Files.readString(thread.resolve("comm")).strip());
            }
        } catch (IOException | DirectoryIteratorException _) {
            names.clear(); // one of them has ended, before its file was opened or before it was read
        }
        return names;
    }
}
