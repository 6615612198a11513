package io.perfagent.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program where every user may read it: the work tree and Maven's repository can be in root's home. */
public final class Unprivileged {
    /** A user without any right: root becomes such a one by setpriv. */
    public static final List<String> NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");

    private final Path program;

    /** How a run of the program went. */
    public record Outcome(int status, String out, String err) {}

    private Unprivileged(Path program) {
        this.program = program;
    }

    /** Puts a copy into {@code folder}. */
    public static Unprivileged in(Path folder) throws IOException, InterruptedException {
        List<String> copy = new ArrayList<>(List.of("cp", "-r", "--preserve=timestamps"));
        AgentArchive.files().forEach(copy::add);
        assertThat(copy).hasSizeGreaterThanOrEqualTo(7);
        copy.add(folder.toString());
        Tool.output(copy, Path.of("/"));
        Tool.output("chmod", "-R", "a+rX", folder.toString());
        return new Unprivileged(folder);
    }

    /** The command that runs it, behind one that takes rights away. */
    public List<String> command(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(Agent.virtualMachine(AgentArchive.options(program)));
        command.add("io.perfagent.cli.Main");
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs it to its end. */
    public Outcome run(List<String> prefix, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(prefix, arguments)).start();
        byte[] out = process.getInputStream().readAllBytes();
        byte[] err = process.getErrorStream().readAllBytes();
        return new Outcome(
                process.waitFor(), new String(out, StandardCharsets.UTF_8), new String(err, StandardCharsets.UTF_8));
    }
}
