package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a container engine does, without one: {@code container.sh} makes the namespaces, the root and its {@code /tmp}. */
public final class Container implements AutoCloseable {
    /** The root that {@code scripts/test-interpreters} makes: Debian sid with CPython 3.13, 3.14 and 3.15. */
    public static final Path DEBIAN =
            Path.of("target/interpreters/debian-sid/root").toAbsolutePath();

    private static final Path SCRIPT =
            Path.of("src/test/resources/io/perfagent/testing/container.sh").toAbsolutePath();
    private static final Path WORKLOADS = Path.of("src", "test", "workloads").toAbsolutePath();
    /** A user of the host who is root in a user namespace of his own. */
    private static final String SOMEBODY = "100000";

    private final Path scratch;
    private final TargetProgram program;
    private final int pid;

    private Container(Path scratch, TargetProgram program) throws IOException {
        this.scratch = scratch;
        this.program = program;
        this.pid = innermost(program.pid());
    }

    /**
     * How the container is to be.
     *
     * @param tmp {@code dir}, {@code tmpfs}, {@code relative} or the target of a link
     * @param user whether it has a user namespace
     * @param nested whether it has a PID namespace in another
     */
    public record Setting(String tmp, boolean user, boolean nested) {
        public static final Setting USUAL = new Setting("dir", false, false);
    }

    /** Starts a Python workload in it: {@code /workloads/chain.py}, say. */
    public static Container start(Setting setting, String... command) throws IOException {
        Path scratch = Files.createTempDirectory("container-");
        try {
            return new Container(
                    scratch, TargetProgram.start(environment(setting, scratch), command(setting, command)));
        } catch (IOException | AssertionError e) {
            Files.delete(scratch);
            throw e;
        }
    }

    /** The command that starts it, in an environment of {@link #environment}. */
    public static List<String> command(Setting setting, String... command) {
        List<String> all = new ArrayList<>();
        if (setting.user()) {
            all.addAll(List.of("setpriv", "--reuid=" + SOMEBODY, "--regid=" + SOMEBODY, "--clear-groups"));
        }
        all.addAll(List.of("sh", SCRIPT.toString()));
        all.addAll(List.of(command));
        return all;
    }

    /** What {@code container.sh} wants to know. */
    public static Map<String, String> environment(Setting setting, Path scratch) throws IOException {
        Files.setAttribute(scratch, "unix:mode", 0777);
        Map<String, String> environment = new HashMap<>(Map.of(
                "ROOT", DEBIAN.toString(),
                "SCRATCH", scratch.toString(),
                "WORKLOADS", WORKLOADS.toString(),
                "TMP", setting.tmp()));
        if (setting.user()) {
            environment.put("USERNS", "1");
        }
        if (setting.nested()) {
            environment.put("NESTED", "1");
        }
        return environment;
    }

    /** Of the command in it, as the host numbers it. */
    public int pid() {
        return pid;
    }

    /** A path of the container's as reached from here. Links in it are followed by our root: use those only that have none. */
    public Path path(String path) {
        return Path.of("/proc/" + pid + "/root" + path);
    }

    public String nextLine() {
        return program.nextLine();
    }

    /** Asks a Python workload for its report. */
    public String report() throws IOException, InterruptedException {
        Tool.output("kill", "-USR1", Integer.toString(pid));
        return nextLine();
    }

    /** Ends what runs in it; all else ends with that. */
    @Override
    public void close() throws IOException {
        program.close();
        Files.delete(scratch);
    }

    private static int innermost(int pid) {
        ProcessHandle at = ProcessHandle.of(pid).orElseThrow();
        for (var child = at.children().findFirst();
                child.isPresent();
                child = at.children().findFirst()) {
            at = child.orElseThrow();
        }
        return (int) at.pid();
    }
}
