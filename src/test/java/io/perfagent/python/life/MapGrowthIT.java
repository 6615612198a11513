package io.perfagent.python.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program that compiles code at run time: its names have long files, so that the bound is reached at once. */
class MapGrowthIT {
    private static final String PROGRAM = """
            import signal, sys, time
            signal.signal(signal.SIGUSR1, lambda *_: print("active=%s" % sys.is_stack_trampoline_active(), flush=True))
            FILE = "/nowhere/" + "x" * 3000 + ".py"
            def rule(i):
                names = {}
                exec(compile("def made(x):\\n return sum(range(5000)) + x", FILE, "exec"), names)
                return names["made"](i)
            print("ready", flush=True)
            while True:
                for _ in range(50):
                    rule(1)
                time.sleep(0.001) # what compiles without a pause is hardly ever met at a safe place
            """;

    @TempDir
    private Path directory;

    static List<Interpreter> interpreters(TestInfo test) {
        List<Interpreter> harmless = new ArrayList<>(Interpreter.oneOfEachVersion());
        harmless.removeIf(Interpreter::crashesOnFork);
        return Interpreter.spread(harmless, test);
    }

    @ParameterizedTest
    @Tag("long")
    @MethodSource("interpreters")
    void isSwitchedOffAndKeepsItsNames(Interpreter interpreter) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), "-c", PROGRAM);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            Process run = Agent.start(
                    directory,
                    "--profile",
                    "--pid",
                    Integer.toString(target.pid()),
                    "--duration",
                    "60s",
                    "--sample-rate",
                    "999",
                    "--inject-python",
                    "--profile-output",
                    "grown.pb.gz");
            String err = Agent.saidUntil(run, "switched off before the end") + Agent.saidWhenEnded(run);
            assertThat(err)
                    .contains("switched off before the end", "pid=" + target.pid(), "off_early=1", "deactivated=1");
            String profile = directory.resolve("grown.pb.gz").toString();
            assertThat(Pprof.output("-comments", profile)).contains("because maps grew by more than 16 MiB: 1");
            assertThat(Pprof.output("-top", profile)).contains("py::rule", "py::made");
            Tool.output("kill", "-USR1", Integer.toString(target.pid()));
            assertThat(target.nextLine()).isEqualTo("active=False");
        }
    }
}
