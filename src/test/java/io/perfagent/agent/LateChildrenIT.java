package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import io.perfagent.testing.Traces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** B5: what targets fork and execute while their trampolines are on. */
@Timeout(120)
class LateChildrenIT {
    private static final Path WORKLOADS = Path.of("src", "test", "workloads").toAbsolutePath();

    /** Runs itself with other arguments at SIGUSR1, and repeats what that one prints first. */
    private static final String SPAWNER = """
            import signal, subprocess, sys
            def spawn(number, frame):
                child = subprocess.Popen([sys.executable] + sys.argv[1:], stdout=subprocess.PIPE, text=True)
                print("child %d" % child.pid, flush=True)
                print(child.stdout.readline().strip(), flush=True)
            signal.signal(signal.SIGUSR1, spawn)
            print("ready", flush=True)
            while True:
                signal.pause()
            """;

    /** Some hundred samples, or a few dozen on a busy machine. */
    private static final int SAMPLED_MILLIS = 2000;

    @TempDir
    private Path directory;

    static Stream<Interpreter> interpreters() {
        List<String> some = List.of("3.12.1", "3.14.10");
        return Interpreter.oneOfEachVersion().stream().filter(interpreter -> some.contains(interpreter.version()));
    }

    /** The master is on, so the worker that takes a dead one's place is; it is named, and off at the end. */
    @ParameterizedTest
    @MethodSource("interpreters")
    void workerThatTakesTheDeadOnesPlace(Interpreter interpreter) throws Exception {
        try (TargetProgram master =
                start(interpreter, List.of(WORKLOADS.resolve("prefork.py").toString()))) {
            int first = worker(master);
            int second = worker(master);
            Process run = run(master.pid() + "," + first + "," + second, "--duration", "60s");
            Agent.awaitArrivals(run);
            Tool.output("kill", "-KILL", Integer.toString(first));
            int third = worker(master);
            Thread.sleep(SAMPLED_MILLIS);
            String log = Agent.saidWhenEnded(run);
            System.out.println(interpreter + "\n" + log);
            assertThat(log)
                    .contains("activated=3 skipped=0 failed=0 deactivated=3 gone=1")
                    .contains("seen=1 activated=0 inherited=1")
                    .contains("pid=" + first + " reason=process_gone");
            expectChainOf(third);
            for (int pid : List.of(master.pid(), second, third)) {
                Tool.output("kill", "-USR1", Integer.toString(pid));
                assertThat(master.nextLine()).isEqualTo("active " + pid + " False");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void interpreterThatATargetExecutes(Interpreter interpreter) throws Exception {
        List<String> arguments =
                List.of("-c", SPAWNER, WORKLOADS.resolve("chain.py").toString(), "30");
        try (TargetProgram parent = start(interpreter, arguments)) {
            Process run = run(Integer.toString(parent.pid()), "--duration", "60s");
            Agent.awaitArrivals(run);
            Tool.output("kill", "-USR1", Integer.toString(parent.pid()));
            String child = parent.nextLine().substring("child ".length());
            assertThat(parent.nextLine()).isEqualTo("ready");
            String log = Agent.saidUntil(run, "python inject activated pid=" + child);
            Thread.sleep(SAMPLED_MILLIS);
            log += Agent.saidWhenEnded(run);
            System.out.println(interpreter + "\n" + log);
            assertThat(log)
                    .contains("activated=2 skipped=0 failed=0 deactivated=2")
                    .contains("seen=1 activated=1 inherited=0")
                    .contains("python inject activated pid=" + child);
            expectChainOf(Integer.parseInt(child));
            Tool.output("kill", child);
        }
    }

    private static TargetProgram start(Interpreter interpreter, List<String> arguments) throws Exception {
        List<String> command = Stream.concat(Stream.of(interpreter.command().toString()), arguments.stream())
                .toList();
        return TargetProgram.start(Map.of("PYTHONDONTWRITEBYTECODE", "1"), command);
    }

    private static int worker(TargetProgram master) {
        String line = master.nextLine();
        assertThat(line).startsWith("worker ");
        return Integer.parseInt(line.substring("worker ".length()));
    }

    private Process run(String pids, String... options) throws Exception {
        List<String> arguments =
                List.of("--profile", "--pid", pids, "--inject-python", "--profile-output", "run.pb.gz");
        return Agent.start(
                directory, Stream.concat(arguments.stream(), Stream.of(options)).toArray(String[]::new));
    }

    private void expectChainOf(int pid) throws Exception {
        Traces traces = Traces.of(directory.resolve("run.pb.gz"));
        for (String function : List.of("py::leaf", "py::middle", "py::handler")) {
            assertThat(traces.pidsWith(function)).as(function).contains(pid);
        }
    }
}
