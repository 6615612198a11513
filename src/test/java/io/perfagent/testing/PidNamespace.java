package io.perfagent.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A shell in a PID namespace of its own, with a {@code /tmp} of its own: {@code -a} sees what the shell starts and nothing else of the
 * machine. Whatever it leaves behind ends with it.
 */
public final class PidNamespace {
    private static final List<String> PREFIX = List.of(
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--mount-proc",
            "--kill-child",
            "sh",
            "-c",
            "mount -t tmpfs tmpfs /tmp && exec sh \"$0\"");

    private PidNamespace() {}

    /**
     * Runs a script to its end.
     *
     * @param directory its working directory, not below {@code /tmp}
     * @return what it has printed, errors included
     */
    public static String run(Path directory, String script) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("run.sh"), script);
        ProcessBuilder builder = new ProcessBuilder(PREFIX).directory(directory.toFile());
        builder.command().add(file.toAbsolutePath().toString());
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new AssertionError("exit status " + status + ": " + printed);
        }
        return printed;
    }

    /** The program under test as a word list of the shell. */
    public static String agent(String... arguments) {
        return "'" + String.join("' '", Agent.command(arguments)) + "'";
    }
}
