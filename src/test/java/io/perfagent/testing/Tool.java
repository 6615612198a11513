package io.perfagent.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A program of the system, run to its end: the independent oracle of a test. */
public final class Tool {
    private Tool() {}

    /** Its output, errors included; fails where it is missing or does not succeed. */
    public static String output(List<String> command, Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new AssertionError(command + " exits with " + status + ": " + output);
        }
        return output;
    }

    public static String output(String... command) throws IOException, InterruptedException {
        return output(List.of(command), Path.of("/"));
    }
}
