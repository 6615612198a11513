package io.perfagent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java that is installed: the one that runs the tests, and those of Debian's packages.
 *
 * @param version its feature number
 */
public record Jvm(Path home, String version) {
    private static final Path CLASSES = Path.of("target", "workloads", "java").toAbsolutePath();
    private static final Path PACKAGES = Path.of("/usr/lib/jvm");

    /** One of each version. */
    public static List<Jvm> all() throws IOException {
        List<Jvm> found = new ArrayList<>();
        found.add(new Jvm(
                Path.of(System.getProperty("java.home")),
                Integer.toString(Runtime.version().feature())));
        if (Files.isDirectory(PACKAGES)) {
            try (DirectoryStream<Path> homes = Files.newDirectoryStream(PACKAGES, "java-*-openjdk-*")) {
                for (Path home : homes) {
                    String version = home.getFileName().toString().split("-", -1)[1];
                    if (version.matches("[0-9]+") && found.stream().noneMatch(jvm -> jvm.version.equals(version))) {
                        found.add(new Jvm(home, version));
                    }
                }
            }
        }
        return found;
    }

    /** Runs a workload of {@code src/test/workloads/java} as {@code main Class arguments}. */
    public List<String> command(List<String> options, String... main) {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", CLASSES.toString()));
        command.addAll(List.of(main));
        return command;
    }

    /** What the JVM's own {@code jcmd} says. */
    public String ask(int pid, String question) throws IOException, InterruptedException {
        Path socket = Path.of("/tmp/.java_pid" + pid);
        if (Files.exists(socket)) {
            try {
                return answer(socket, question);
            } catch (SocketException _) {
                // left by another process with that number
            }
        }
        return Tool.output(home.resolve("bin/jcmd").toString(), Integer.toString(pid), question);
    }

    /**
     * The same without it where it has been before, for it is a virtual machine of its own: the words are the version of what is spoken there,
     * the command, and three arguments; the answer begins with a status of its own line.
     */
    private static String answer(Path socket, String question) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(StandardCharsets.UTF_8.encode("1\0jcmd\0" + question + "\0\0\0"));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("0\n");
            return answer.substring(2);
        }
    }

    @Override
    public String toString() {
        return "java " + version;
    }
}
