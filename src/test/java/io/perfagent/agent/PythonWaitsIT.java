package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where Python waits, function and line, whether the interpreter's lock is released or not. */
class PythonWaitsIT {
    private static final Path PROGRAM =
            Path.of("src/test/workloads/gil_waits.py").toAbsolutePath();
    private static final int SAMPLES = 400;

    private static final Map<String, Integer> LINES = Map.of("for_time", 12, "for_data", 16, "for_the_lock", 21);
    private static final Map<String, ThreadState> STATES = Map.of(
            "for_time", ThreadState.SLEEP,
            "for_data", ThreadState.IO,
            "for_the_lock", ThreadState.SLEEP);

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.spread(Interpreter.readable(), test);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void eachFunctionWaitsInItsLine(Interpreter interpreter) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), PROGRAM.toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.waiting(
                    target.pid(), Duration.ofMillis(1), samples -> ProfiledRun.await(samples, SAMPLES));
            run.expectComplete(1);
            LINES.keySet().forEach(function -> expect(run, function));
        }
    }

    private static void expect(ProfiledRun run, String function) {
        Set<ThreadState> states = EnumSet.noneOf(ThreadState.class);
        for (StackCount stack : run.profile().stacks()) {
            Location innermost = innermostPython(stack);
            if (innermost != null && innermost.innermost().function().equals(function)) {
                if (stack.state() != ThreadState.RUNQUEUE) { // who is preempted may be anywhere
                    assertThat(innermost.innermost().line())
                            .as("%s", Names.of(stack))
                            .isEqualTo(LINES.get(function));
                }
                states.add(stack.state());
            }
        }
        assertThat(states)
                .as(function)
                .contains(STATES.get(function))
                .isSubsetOf(EnumSet.of(STATES.get(function), ThreadState.RUNQUEUE, ThreadState.GIL, ThreadState.LOCK));
        if (function.equals("for_the_lock")) {
            assertThat(states).contains(ThreadState.GIL);
            assertThat(locks(run)).as("in what takes that lock").noneMatch(stack -> stack.contains("take_gil"));
        }
    }

    private static List<List<String>> locks(ProfiledRun run) {
        return run.profile().stacks().stream()
                .filter(stack -> stack.state() == ThreadState.LOCK)
                .map(Names::of)
                .toList();
    }

    private static Location innermostPython(StackCount stack) {
        return stack.locations().stream()
                .filter(location -> location.kind() == Location.Kind.PYTHON)
                .findFirst()
                .orElse(null);
    }
}
