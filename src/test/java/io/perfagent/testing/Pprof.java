package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Go's pprof. {@code go tool pprof} asks a cache of builds where it is, each time: 0.3 s of a processor for what takes 0.01 s. */
public final class Pprof {
    private static final class Found {
        static final String PROGRAM = find();
    }

    private Pprof() {}

    /** The command that runs it with these arguments. */
    public static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Found.PROGRAM));
        command.addAll(List.of(arguments));
        return command;
    }

    /** What it says in that directory; fails where it does not succeed. */
    public static String output(Path directory, String... arguments) throws IOException, InterruptedException {
        return Tool.output(command(arguments), directory);
    }

    public static String output(String... arguments) throws IOException, InterruptedException {
        return output(Path.of("/"), arguments);
    }

    /** Go builds it where it has not done so. */
    private static String find() {
        try {
            return Tool.output("go", "tool", "-n", "pprof").strip();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("go tool pprof is nowhere", e);
        }
    }
}
