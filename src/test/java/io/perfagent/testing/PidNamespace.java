package io.perfagent.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A shell in a PID namespace of its own: {@code -a} sees what the shell starts and nothing else of the machine, and whatever it leaves
 * behind ends with it. Its {@code /tmp} is its own too, but for the project and the working directory, for its low PIDs were others'.
 */
public final class PidNamespace {
    private static final List<String> PREFIX =
            List.of("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", """
            set -e
            new=$DIRECTORY/tmp
            mkdir "$new"
            mount -t tmpfs tmpfs "$new"
            for each in "$PROJECT" "$DIRECTORY"; do
              case $each in /tmp/*)
                mkdir -p "$new${each#/tmp}"
                mount --bind "$each" "$new${each#/tmp}" ;;
              esac
            done
            mount --move "$new" /tmp
            cd "$DIRECTORY"
            exec sh run.sh
            """);

    private PidNamespace() {}

    /**
     * Runs a script to its end.
     *
     * @param directory its working directory
     * @return what it has printed, errors included
     */
    public static String run(Path directory, String script) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("run.sh"), script);
        ProcessBuilder builder = new ProcessBuilder(PREFIX);
        builder.environment().put("DIRECTORY", directory.toAbsolutePath().toString());
        builder.environment().put("PROJECT", Path.of("").toAbsolutePath().toString());
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
