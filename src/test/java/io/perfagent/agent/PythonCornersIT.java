package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes the reading of CPython's frames hard: threads, code and stacks that are soon others. */
class PythonCornersIT {
    private static final int SAMPLES = 700;

    /** One after the other, at one address. */
    private static final String SHORT_THREADS = """
            import threading
            def work():
                total = 0
                for i in range(60000):
                    total += i
            print("ready", flush=True)
            while True:
                thread = threading.Thread(target=work)
                thread.start()
                thread.join()
            """;

    /** Two texts of one shape, at one address. */
    private static final String DEAD_CODE = """
            print("ready", flush=True)
            SOURCE = "total = 0\\nfor i in range(100000):\\n    total += i\\n"
            while True:
                for file in "aaaa.py", "bbbb.py":
                    code = compile(SOURCE, file, "exec")
                    exec(code, {})
                    del code
            """;

    /** A table of lines that is longer than what a sample takes along. */
    private static final String LONG_DEAD_CODE = """
            print("ready", flush=True)
            SOURCE = "total = 0\\n" + "for i in range(150): total += i\\n" * 400
            while True:
                exec(compile(SOURCE, "long.py", "exec"), {})
            """;

    private static final int LINES = 401;

    private static final String DEEP = """
            import sys, threading
            sys.setrecursionlimit(20000)
            threading.stack_size(512 << 20)
            def leaf():
                total = 0
                for i in range(30000):
                    total += i
                return total
            def deep(n):
                return deep(n - 1) if n else leaf()
            def run():
                print("ready", flush=True)
                while True:
                    sorted([1, 2], key=lambda _: deep(5000))
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
            """;

    static List<Interpreter> interpreters(TestInfo test) {
        List<Interpreter> minors = Interpreter.oneOfEachMinor().stream()
                .filter(interpreter -> List.of(9, 11, 12, 14).contains(interpreter.part(1)))
                .toList();
        return Interpreter.inTurn(minors, test);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void threadsThatLiveForMilliseconds(Interpreter interpreter) throws Exception {
        ProfiledRun run = run(interpreter, SHORT_THREADS);
        assertThat(share(run, call -> call.function().equals("work"))).isGreaterThan(0.7);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void deadCodeDoesNotGiveItsNameToOtherCode(Interpreter interpreter) throws Exception {
        ProfiledRun run = run(interpreter, DEAD_CODE);
        assertThat(share(run, call -> call.file().equals("aaaa.py"))).isBetween(0.3, 0.7);
        assertThat(share(run, call -> call.file().equals("bbbb.py"))).isBetween(0.3, 0.7);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void deadCodeHasNoOtherLines(Interpreter interpreter) throws Exception {
        ProfiledRun run = run(interpreter, LONG_DEAD_CODE);
        Predicate<Call> ofLong = call -> call.file().equals("long.py");
        assertThat(share(run, ofLong)).isGreaterThan(0.3);
        assertThat(share(run, ofLong.and(call -> call.line() > LINES))).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void moreFramesThanASampleHolds(Interpreter interpreter) throws Exception {
        ProfiledRun run = run(interpreter, DEEP);
        assertThat(run.result().samples()).isGreaterThan(SAMPLES / 4);
        assertThat(share(run, call -> call.function().equals("deep"))).isGreaterThan(0.5);
        assertThat(run.log()).contains("thousands of frames");
    }

    @Test
    void aWordOfAStackIsNoFrameOfPythons() throws Exception {
        String program =
                Path.of("target", "workloads", "tagged").toAbsolutePath().toString();
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(program))) {
            ProfiledRun run = ProfiledRun.reading(target.pid(), false, SAMPLES / 4);
            assertThat(run.result().samples()).isGreaterThan(SAMPLES / 10);
            assertThat(run.profile().stacks())
                    .allSatisfy(stack -> assertThat(stack.locations())
                            .noneMatch(location -> location.address() == 0 || location.kind() == Kind.PYTHON));
        }
    }

    private static ProfiledRun run(Interpreter interpreter, String program) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), "-c", program);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            return ProfiledRun.reading(target.pid(), false, SAMPLES);
        }
    }

    /** Of all samples, those with such a Python function. */
    private static double share(ProfiledRun run, Predicate<Call> wanted) {
        long with = 0;
        for (StackCount stack : run.profile().stacks()) {
            boolean has = stack.locations().stream()
                    .anyMatch(location -> location.kind() == Kind.PYTHON && wanted.test(location.innermost()));
            with += has ? stack.count() : 0;
        }
        return (double) with / run.result().samples();
    }
}
