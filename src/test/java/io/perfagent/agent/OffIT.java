package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Always off at the end: what a run could not switch off, or a killed one left on, {@code perf-agent off} does. */
class OffIT {
    /** Says whether the trampoline is on when it gets SIGUSR1; at SIGUSR2 it computes in C for many seconds, with the GIL. */
    private static final String PROGRAM = """
            import signal, sys
            wanted = []
            for number in (signal.SIGUSR1, signal.SIGUSR2):
                signal.signal(number, lambda number, frame: wanted.append(number))
            print("ready", flush=True)
            def step(n):
                return n + 1
            while True:
                n = 0
                while not wanted:
                    n = step(n)
                if wanted.pop() == signal.SIGUSR2:
                    print("computing", flush=True)
                    sum(range(250_000_000))
                print("active=%s" % sys.is_stack_trampoline_active(), flush=True)
            """;

    @TempDir
    private Path directory;

    private TargetProgram target;

    private record Outcome(int status, String err) {}

    @BeforeEach
    void startTarget() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        target = TargetProgram.start(Map.of(), List.of(python, "-c", PROGRAM));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    @Test
    void whatAKilledRunLeftOn() throws Exception {
        Process run = activatingRun();
        run.destroyForcibly().waitFor();
        assertThat(active()).isEqualTo("active=True");
        assertThat(off().err())
                .contains("python trampoline switched off pid=" + target.pid())
                .contains("deactivated=1");
        assertThat(active()).isEqualTo("active=False");
        assertThat(off()).satisfies(again -> {
            assertThat(again.status()).isZero();
            assertThat(again.err()).contains("was off already");
        });
    }

    @Test
    @Tag("long")
    void whatARunCouldNotSwitchOff() throws Exception {
        Process run = activatingRun();
        Tool.output("kill", "-USR2", pid());
        assertThat(target.nextLine()).isEqualTo("computing");
        Tool.output("kill", "-INT", Long.toString(run.pid()));
        Outcome outcome = outcome(run);
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(profiles())
                .singleElement()
                .as("the profile's own duration, of 10 minutes asked for")
                .asString()
                .containsPattern("Duration: [\\d.]+[mu]?s,");
        assertThat(outcome.err())
                .contains("may still be on; perf-agent off --pid " + pid() + " switches it off")
                .contains("reason=timeout")
                .contains("failed=1");
        assertThat(target.nextLine()).startsWith("active=");
        assertThat(off().status()).isZero();
        assertThat(active()).isEqualTo("active=False");
    }

    @Test
    void r14TheProcessIsGone() throws Exception {
        Tool.output("kill", "-KILL", pid());
        assertThat(target.ended()).isTrue();
        assertThat(off()).satisfies(outcome -> {
            assertThat(outcome.status()).isZero();
            assertThat(outcome.err()).contains("pid=" + pid() + " reason=process_gone");
        });
    }

    @Test
    void whatIsNoPythonIsRefused() throws Exception {
        String self = Long.toString(ProcessHandle.current().pid());
        Outcome outcome = outcome(Agent.start(directory, "off", "--pid", self));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("reason=not_python");
    }

    /** What pprof says of each. */
    private List<String> profiles() throws Exception {
        List<String> tops = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.pb.gz")) {
            for (Path file : files) {
                tops.add(Pprof.output("-top", file.toString()));
            }
        }
        return tops;
    }

    private String active() throws Exception {
        Tool.output("kill", "-USR1", pid());
        return target.nextLine();
    }

    private Outcome off() throws Exception {
        return outcome(Agent.start(directory, "off", "--pid", pid()));
    }

    private String pid() {
        return Integer.toString(target.pid());
    }

    /** Returns once the run has said that the trampoline is on. */
    private Process activatingRun() throws Exception {
        Process run = Agent.start(directory, "--profile", "--pid", pid(), "--duration", "10m", "--inject-python");
        BufferedReader lines = run.errorReader(StandardCharsets.UTF_8);
        assertThat(lines.readLine()).startsWith("profiling ");
        assertThat(lines.readLine()).startsWith("python inject activated pid=" + pid());
        return run;
    }

    private static Outcome outcome(Process run) throws Exception {
        StringBuilder err = new StringBuilder();
        run.errorReader(StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> err.append(line).append('\n'));
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(run.exitValue(), err.toString());
    }
}
