package io.perfagent.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of {@code examples/library}: a module of its own that sees what ours exports, and no more. */
@Timeout(120)
class LibraryExampleIT {
    private static final Path SOURCES = Path.of("examples", "library").toAbsolutePath();
    private static final String CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath().toString();

    @TempDir
    private static Path folder;

    private static Path classes;

    private record Outcome(int status, String out, String err) {}

    @BeforeAll
    static void compile() throws Exception {
        classes = folder.resolve("classes");
        Tool.output(
                program("javac"),
                "-Xlint:all,-requires-automatic",
                "-Werror",
                "--module-path",
                Agent.modulePath(),
                "-d",
                classes.toString(),
                SOURCES.resolve("module-info.java").toString(),
                SOURCES.resolve("com/example/watch/Watch.java").toString());
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static Outcome run(List<String> prefix, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(program("java"), "--enable-native-access=io.perfagent"));
        command.addAll(List.of("--module-path", classes + File.pathSeparator + Agent.modulePath()));
        command.addAll(List.of("--module", "com.example.watch/com.example.watch.Watch"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).start();
        byte[] out = process.getInputStream().readAllBytes();
        byte[] err = process.getErrorStream().readAllBytes();
        return new Outcome(
                process.waitFor(), new String(out, StandardCharsets.UTF_8), new String(err, StandardCharsets.UTF_8));
    }

    @Test
    void profilesAPythonProcess() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        Outcome outcome;
        try (TargetProgram target = TargetProgram.start(TargetProgram.PACED, List.of(python, CHAIN))) {
            outcome = run(List.of(), Integer.toString(target.pid()), "2", "1500", folder.toString());
        }
        System.out.print(outcome.out);
        assertThat(outcome.err).isEmpty();
        assertThat(outcome.status).isZero();
        assertThat(outcome.out.lines()).hasSize(3).allMatch(line -> line.matches("on-cpu samples=\\d+ lost=0"));
        for (int number = 1; number <= 2; number++) {
            String file = folder.resolve("watch-" + number + ".pb.gz").toString();
            assertThat(Pprof.output("-top", file)).contains("leaf", "middle", "handler");
            assertThat(Pprof.output("-comments", file)).contains("service=shop");
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Outcome outcome = run(
                List.of("setpriv", "--bounding-set=-bpf,-sys_admin", "--inh-caps=-bpf,-sys_admin"),
                Long.toString(ProcessHandle.current().pid()),
                "1",
                "1",
                folder.toString());
        assertThat(outcome)
                .isEqualTo(new Outcome(1, "", "watch: missing CAP_BPF: run as root (sudo), or with this capability\n"));
    }
}
