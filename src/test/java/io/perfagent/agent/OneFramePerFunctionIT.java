package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that are read of the interpreter's frames beside those of its trampolines. */
class OneFramePerFunctionIT {
    private static final int SAMPLES = 1000;
    private static final Path CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();

    /** Each runs once at a time, from the leaf outwards. */
    private static final List<String> TRUTH = List.of("leaf", "middle", "handler", "run", "<module>");

    /** Of versions that have trampolines. */
    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.inTurn(withTrampolines(), test);
    }

    private static List<Interpreter> withTrampolines() {
        return Interpreter.oneOfEachMinor().stream()
                .filter(interpreter -> interpreter.part(1) >= 12)
                .toList();
    }

    /** What was running before trampolines came on is named by reading; what was called since has both. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void trampolinesSwitchedOnInTheRun(Interpreter interpreter) throws Exception {
        try (TargetProgram target = start(interpreter, CHAIN.toString())) {
            ProfiledRun run = ProfiledRun.reading(target.pid(), true, SAMPLES);
            assertThat(run.log()).contains("activated=1");
            expectOneFramePerFunction(run);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void trampolinesOnFromTheStart(Interpreter interpreter) throws Exception {
        try (TargetProgram target = start(interpreter, "-X", "perf", CHAIN.toString())) {
            expectOneFramePerFunction(ProfiledRun.reading(target.pid(), false, SAMPLES));
        }
    }

    @Test
    void withoutEitherThereIsNoPythonFunction() throws Exception {
        try (TargetProgram target = start(withTrampolines().getLast(), CHAIN.toString())) {
            ProfiledRun run = ProfiledRun.of(target.pid(), SAMPLES, request -> request.with(PythonFrameMode.OFF));
            assertThat(run.profile().stacks()).hasSizeGreaterThan(10);
            assertThat(run.profile().stacks())
                    .allMatch(stack -> python(stack).isEmpty())
                    .allMatch(stack -> stack.locations().stream().allMatch(location -> location.address() != 0));
        }
    }

    private static void expectOneFramePerFunction(ProfiledRun run) {
        Tally tally = new Tally();
        run.profile().stacks().forEach(tally::add);
        System.out.println(tally);
        assertThat(tally.samples).as("with leaf").isGreaterThan(SAMPLES / 2);
        assertThat(tally.twice).as("functions that stand twice in a stack").isEmpty();
        assertThat(tally.whole).as(tally.toString()).isGreaterThanOrEqualTo((long) (0.999 * tally.samples));
        assertThat(tally.withoutLine).as(tally.toString()).isLessThanOrEqualTo(tally.samples / 100);
    }

    /** What samples with the leaf are like. */
    private static final class Tally {
        private long samples;
        private long whole;
        private long withoutLine;
        private final Set<String> twice = new HashSet<>();
        private final Set<List<String>> others = new HashSet<>();

        void add(StackCount stack) {
            List<String> functions = new ArrayList<>();
            python(stack).forEach(location -> functions.add(location.innermost().function()));
            functions.stream()
                    .filter(function -> Collections.frequency(functions, function) > 1)
                    .forEach(twice::add);
            int leaf = functions.indexOf("leaf");
            if (leaf < 0) {
                return;
            }
            samples += stack.count();
            if (functions.subList(leaf, functions.size()).equals(TRUTH)) {
                whole += stack.count();
            } else {
                others.add(functions);
            }
            if (python(stack).stream().anyMatch(location -> location.innermost().line() == 0)) {
                withoutLine += stack.count();
            }
        }

        @Override
        public String toString() {
            return samples + " samples with leaf, " + whole + " of them whole, " + withoutLine
                    + " with a function without a line; twice: " + twice + "; others: " + others;
        }
    }

    private static List<Location> python(StackCount stack) {
        return stack.locations().stream()
                .filter(location -> location.kind() == Kind.PYTHON)
                .toList();
    }

    private static TargetProgram start(Interpreter interpreter, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(interpreter.command().toString()));
        command.addAll(List.of(arguments));
        return TargetProgram.start(Map.of(), command);
    }
}
