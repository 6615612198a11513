package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Format;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.StackCount;
import io.perfagent.output.Encoder;
import io.perfagent.output.proto.ProfileProto;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.truth.PythonWorkload;
import io.perfagent.testing.truth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Python functions and lines in a run that does nothing to its target, on workloads whose truth is known, 3.6 and newer: what ran when
 * the run began is named, and what has released the GIL is.
 */
class PythonFramesIT {
    private static final double SHARE = 0.999;
    /** Of each run; the system property {@code samples} wins. */
    private static final int SAMPLES = Integer.getInteger("samples", Interpreter.everyOne() ? 3000 : 800);

    private static final int ENOUGH = 300;
    private static final int FIRST_WITH_JIT = 14;
    /** Functions of {@link PythonWorkload#CHAIN}, from the leaf outwards. */
    private static final List<String> CHAIN = List.of("leaf", "middle", "handler", "run", "<module>");

    private static final String FORKS = """
            import os
            def child():
                total = 0
                for i in range(400000):
                    total += i
                os._exit(0)
            print("ready", flush=True)
            while True:
                pid = os.fork()
                if pid == 0:
                    child()
                os.waitpid(pid, 0)
            """;

    private static final List<Verdict> VERDICTS = new ArrayList<>();

    @AfterAll
    static void sum() {
        System.out.println(VERDICTS.size() + " runs: " + Verdict.sum(VERDICTS));
    }

    /** In the short form each version runs one of the workloads, another than the version before it. */
    static List<Arguments> runs() throws Exception {
        List<Arguments> runs = new ArrayList<>();
        for (Interpreter interpreter : Interpreter.everyOne() ? Interpreter.readable() : Interpreter.oneOfEachMinor()) {
            List<PythonWorkload> workloads = PythonWorkload.of(interpreter);
            int first = interpreter.part(1);
            for (int i = 0; i < (Interpreter.everyOne() ? workloads.size() : 1); i++) {
                runs.add(Arguments.of(interpreter, workloads.get((first + i) % workloads.size())));
            }
        }
        return runs;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void functionsAndLinesAreTrue(Interpreter interpreter, PythonWorkload workload) throws Exception {
        List<String> command =
                List.of(interpreter.command().toString(), workload.source().toString());
        try (TargetProgram target = TargetProgram.start(workload.environment(interpreter), command)) {
            ProfiledRun run = ProfiledRun.reading(target.pid(), false, SAMPLES);
            Verdict verdict = workload.truth(interpreter).judge(encoded(run), target.pid());
            System.out.println(interpreter + " " + workload + ": " + verdict);
            VERDICTS.add(verdict);
            verdict.expect(SHARE, workload.leafShare(), ENOUGH);
        }
    }

    /** They live for some hundredths of a second, in their parent's memory. */
    @Test
    void forkedChildrenAreNamedAtOnce() throws Exception {
        List<String> command =
                List.of(Interpreter.oneOfEachVersion().getFirst().command().toString(), "-c", FORKS);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            long named = 0;
            long evaluating = 0;
            for (StackCount stack :
                    ProfiledRun.reading(target.pid(), false, SAMPLES).profile().stacks()) {
                boolean child = stack.pid() != target.pid();
                evaluating += child && has(stack, "_PyEval_EvalFrameDefault") ? stack.count() : 0;
                named += child && has(stack, "child") && has(stack, "<module>") ? stack.count() : 0;
            }
            System.out.println("forked children: " + named + " of " + evaluating + " samples named");
            assertThat(evaluating).isGreaterThan(ENOUGH);
            assertThat((double) named / evaluating).isGreaterThan(0.95);
        }
    }

    /** Those that have a JIT, which is off as a rule. */
    static List<Interpreter> withJit() {
        return Interpreter.oneOfEachMinor().stream()
                .filter(interpreter -> interpreter.part(1) >= FIRST_WITH_JIT)
                .toList();
    }

    /** Its code keeps the interpreter's frames, though not always the line that they are on. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("withJit")
    void codeOfTheJitIsNamed(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), PythonWorkload.CHAIN.source().toString());
        try (TargetProgram target = TargetProgram.start(Map.of("PYTHON_JIT", "1"), command)) {
            ProfiledRun run = ProfiledRun.reading(target.pid(), false, SAMPLES);
            long compiled = 0;
            for (StackCount stack : run.profile().stacks()) {
                List<String> functions = stack.locations().stream()
                        .filter(location -> location.kind() == Kind.PYTHON)
                        .map(location -> location.innermost().function())
                        .filter(function -> !function.equals("Event.is_set")) // asked between two rounds
                        .toList();
                assertThat(CHAIN).endsWith(functions.toArray(String[]::new));
                boolean made = stack.locations().stream().anyMatch(location -> location.kind() == Kind.UNNAMED);
                compiled += made ? stack.count() : 0;
            }
            System.out.println(interpreter + ": " + compiled + " samples in code of the JIT");
            assertThat(compiled).isGreaterThan(SAMPLES / 4);
        }
    }

    private static boolean has(StackCount stack, String function) {
        return stack.locations().stream()
                .anyMatch(location -> location.innermost().function().equals(function));
    }

    private static ProfileProto.Profile encoded(ProfiledRun run) throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Encoder.of(Format.PPROF).write(run.profile(), file);
        return ProfileProto.Profile.parseFrom(new GZIPInputStream(new ByteArrayInputStream(file.toByteArray())));
    }
}
