package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Container;
import io.perfagent.testing.Container.Setting;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** R12 and B4: the agent in namespaces of its own, with and without the target; PIDs are those that the user sees. */
@Timeout(180)
class NamespacedAgentIT {
    private static final Path CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();
    private static final List<String> POD =
            List.of("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child");

    @TempDir
    private Path directory;

    private record Outcome(int status, String log) {}

    /** A pod with shareProcessNamespace: the same PIDs, another root. */
    @Test
    void inThePidNamespaceOfTheTarget() throws Exception {
        Outcome outcome = run(POD, environment(), container() + """
                echo target=$pid
                %s --profile --pid $pid --inject-python --duration 1s --profile-output shared.pb.gz
                """.formatted(agent()));
        assertThat(outcome.status()).as(outcome.log()).isZero();
        String pid = word(outcome.log(), "target=");
        assertThat(Integer.parseInt(pid)).isLessThan(1000);
        assertThat(pprof("-top", "shared.pb.gz"))
                .contains("complete user stacks: 100.00 %", "py::leaf", "py::middle", "py::handler");
        assertThat(pprof("-tags", "shared.pb.gz")).containsPattern("pid: Total[^\\n]*\\n[^\\n]*\\): " + pid + "\\n");
    }

    /** Everything that can be seen from here; the rest of the machine is counted. */
    @Test
    void allProcessesOfAPidNamespace() throws Exception {
        Interpreter interpreter = Interpreter.oneOfEachVersion().getFirst();
        try (TargetProgram outside = TargetProgram.start(
                TargetProgram.PACED, List.of(interpreter.command().toString(), CHAIN.toString()))) {
            Outcome outcome = run(POD, environment(), container() + """
                    echo target=$pid
                    %s --profile -a --duration 1s --profile-output all.pb.gz
                    """.formatted(agent()));
            assertThat(outcome.status()).as(outcome.log()).isZero();
            assertThat(outcome.log()).containsPattern("[1-9][0-9]* samples of processes outside of this PID namespace");
            assertThat(pprof("-tags", "all.pb.gz"))
                    .contains("): " + word(outcome.log(), "target=") + "\n")
                    .doesNotContain("): " + outside.pid() + "\n");
        }
    }

    /** A sidecar that goes on: what the rest of the machine does is not lost. */
    @Test
    @Tag("long")
    void aRunTellsOthersFromWhatIsLost() throws Exception {
        Interpreter interpreter = Interpreter.oneOfEachVersion().getFirst();
        try (TargetProgram _ = TargetProgram.start(
                TargetProgram.PACED, List.of(interpreter.command().toString(), CHAIN.toString()))) {
            Outcome outcome = run(POD, environment(), container() + """
                    %s run --every 1s --directory "$PWD/profiles" &
                    run=$!
                    for _ in $(seq 300); do
                      ls profiles/*.pb.gz >/dev/null 2>&1 && break
                      sleep 0.1
                    done
                    kill -TERM $run
                    wait $run
                    """.formatted(agent()));
            assertThat(outcome.status()).as(outcome.log()).isZero();
            assertThat(outcome.log())
                    .containsPattern("run ended intervals=[1-9]\\d* samples=\\d+ own=\\d+ outside=[1-9]\\d* lost=0\n");
        }
    }

    @Test
    void procOfAnotherPidNamespaceIsSaidAtOnce() throws Exception {
        List<String> withoutProc = List.of("unshare", "--pid", "--fork", "--kill-child");
        Outcome outcome = run(withoutProc, Map.of(), "%s --profile --pid 1 --duration 1s\n".formatted(agent()));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.log().lines()).hasSize(1);
        assertThat(outcome.log()).contains("/proc shows another PID namespace", "mount -t proc");
    }

    /** A DaemonSet with hostPID: the host's PIDs, a root of its own. */
    @Test
    void inARootOfItsOwn() throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/python3.14", "/workloads/chain.py")) {
            String command = agent() + " --profile --pid " + container.pid()
                    + " --inject-python --duration 1s --profile-output /output/daemon.pb.gz";
            Map<String, String> places = Map.of(
                    "OUTPUT",
                    directory.toString(),
                    "PROJECT",
                    Path.of("").toAbsolutePath().toString());
            Outcome outcome = run(List.of("unshare", "--mount"), places, ownRoot(command));
            assertThat(outcome.status()).as(outcome.log()).isZero();
            assertThat(pprof("-top", "daemon.pb.gz"))
                    .contains("complete user stacks: 100.00 %", "py::leaf", "py::middle", "py::handler");
            assertThat(container.report()).contains("active=False");
        }
    }

    /** Below the target's root, on an overlay, whose device is another in maps than in stat(2). */
    @Test
    void withoutTheRightToMapFiles() throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/python3.14", "/workloads/chain.py")) {
            Outcome outcome = runWithoutMapFiles(container.pid(), "--inject-python");
            assertThat(outcome.status()).as(outcome.log()).isZero();
            assertThat(pprof("-top", "limited.pb.gz"))
                    .contains("complete user stacks: 100.00 %", "py::leaf", "py::middle", "py::handler");
        }
    }

    /** Below the target's root likewise, though maps shows the path from ours: both are in one mount namespace. */
    @Test
    void withoutThatRightAndWithARootFurtherDown() throws Exception {
        Interpreter chrooted = Interpreter.all().stream()
                .filter(interpreter -> interpreter.name().equals("debian-3.14"))
                .findFirst()
                .orElseThrow();
        try (TargetProgram target = TargetProgram.start(
                TargetProgram.PACED, List.of(chrooted.command().toString(), CHAIN.toString()))) {
            Outcome outcome = runWithoutMapFiles(target.pid(), "--inject-python");
            assertThat(outcome.status()).as(outcome.log()).isZero();
            assertThat(pprof("-top", "limited.pb.gz"))
                    .contains("complete user stacks: 100.00 %", "py::leaf", "py::middle", "py::handler");
        }
    }

    /** An upgrade: the file of that name is another build by now, and its addresses would be wrong ones. */
    @Test
    void withoutThatRightAnotherFileOfTheNameIsNotTaken() throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/embedded3.14", "/workloads/chain.py")) {
            Path library = container.path("/usr/lib/x86_64-linux-gnu/libpython3.14.so.1.0");
            Files.delete(library);
            Files.copy(container.path("/usr/lib/x86_64-linux-gnu/libpython3.15.so.1.0"), library);
            Outcome refused = runWithoutMapFiles(container.pid(), "--inject-python");
            assertThat(refused.status()).isEqualTo(1);
            assertThat(refused.log())
                    .contains(
                            "reason=library_not_found", "library not found on disk: /usr/lib/", "removed or replaced");
            Outcome plain = runWithoutMapFiles(container.pid(), "--tag=plain=yes");
            assertThat(plain.status()).as(plain.log()).isZero();
            assertThat(pprof("-comments", "limited.pb.gz"))
                    .containsPattern("unnamed frames: [0-9]+ of [0-9]+ binary was removed or replaced");
            assertThat(container.report()).contains("active=False");
        }
    }

    private Outcome runWithoutMapFiles(int pid, String option) throws Exception {
        return run(
                List.of("setpriv", "--bounding-set=-sys_admin,-checkpoint_restore"),
                Map.of(),
                "%s --profile --pid %d %s --duration 1s --profile-output limited.pb.gz\n"
                        .formatted(agent(), pid, option));
    }

    private Map<String, String> environment() throws IOException {
        Map<String, String> environment = new HashMap<>(
                Container.environment(Setting.USUAL, Files.createDirectory(directory.resolve("scratch"))));
        environment.put("SHARED", "1");
        return environment;
    }

    /** Lines of a shell that start a container in this PID namespace; its PID is in {@code $pid} then. */
    private static String container() {
        return """
                %s >target.log 2>&1 &
                until grep -q ready target.log; do sleep 0.2; done
                pid=$(pgrep -f '^/usr/bin/python3.14 /workloads/chain.py')
                """.formatted(quoted(Container.command(Setting.USUAL, "/usr/bin/python3.14", "/workloads/chain.py")));
    }

    /** Lines of a shell that run a command where only programs are of the host; what is mounted is gone with the shell. */
    private static String ownRoot(String command) {
        return """
                root=$(mktemp -d)
                (
                set -e
                mount --make-rprivate /
                mount -t tmpfs tmpfs "$root"
                cd "$root"
                mkdir proc sys tmp output
                for each in usr lib lib64 bin etc root home opt; do
                  [ ! -L /$each ] || ln -s "$(readlink /$each)" $each
                  if [ -d /$each ] && [ ! -L /$each ]; then mkdir $each; mount --rbind /$each $each; fi
                done
                mkdir -p ".$PROJECT"
                mount --bind "$PROJECT" ".$PROJECT"
                mount -t proc proc proc
                mount --rbind /sys sys
                mount --bind "$OUTPUT" output
                chroot . %s
                )
                status=$?
                umount -l "$root"
                rmdir "$root"
                exit $status
                """.formatted(command);
    }

    private Outcome run(List<String> prefix, Map<String, String> environment, String script) throws Exception {
        Path file = Files.writeString(directory.resolve("run.sh"), script);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("sh", file.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.print(log);
        return new Outcome(process.waitFor(), log);
    }

    private String pprof(String view, String file) throws Exception {
        return Pprof.output(view, directory.resolve(file).toString());
    }

    private static String agent() {
        return quoted(Agent.command());
    }

    private static String quoted(List<String> command) {
        return "'" + String.join("' '", command) + "'";
    }

    private static String word(String text, String prefix) {
        int at = text.indexOf(prefix) + prefix.length();
        return text.substring(at, text.indexOf('\n', at)).strip();
    }
}
