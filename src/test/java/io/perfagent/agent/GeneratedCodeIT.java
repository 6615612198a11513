package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions whose code was made out of text, by dataclasses and the like: their names say whose they are, where frames know it. */
class GeneratedCodeIT {
    private static final int SAMPLES = 800;
    private static final int FIRST_WITH_DATACLASSES = 7;
    private static final int FIRST_WITH_FUNCTIONS = 11;
    private static final int FIRST_WITH_LAMBDA = 9;
    private static final Path SCRIPT =
            Path.of("src", "test", "workloads", "generated.py").toAbsolutePath();

    /** What {@code functools.wraps} has given another's name keeps the one of its code. */
    private static final Set<String> BY_FUNCTION = Set.of(
            "shop.models.Order.__init__ <string>",
            "bank.models.Order.__init__ <string>",
            "shop.plain.Plain.__init__ <attrs generated init shop.plain.Plain>",
            "rules.prices.rule <rules>",
            "rules.prices.Rule.run <rules>",
            "wrapper <generated wrapper>",
            "Pair.__new__ <string>");

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.everyOne()
                ? Interpreter.readable().stream()
                        .filter(GeneratedCodeIT::concerned)
                        .toList()
                : Interpreter.inTurn(oneOfEachMinor(), test);
    }

    private static List<Interpreter> oneOfEachMinor() {
        return Interpreter.oneOfEachMinor().stream()
                .filter(GeneratedCodeIT::concerned)
                .toList();
    }

    private static boolean concerned(Interpreter interpreter) {
        return interpreter.part(1) >= FIRST_WITH_DATACLASSES;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void namesSayWhoseFunctionItIs(Interpreter interpreter) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), SCRIPT.toString());
        assertThat(generated(command).keySet()).containsExactlyInAnyOrderElementsOf(expected(interpreter.part(1)));
    }

    /** Trampolines have the names of the code. One that has been called, but has no frame yet, stands for itself. */
    @Test
    void aTrampolineIsNoOtherFunction() throws Exception {
        Interpreter interpreter = oneOfEachMinor().getLast();
        List<String> command = List.of(interpreter.command().toString(), "-X", "perf", SCRIPT.toString());
        Map<String, Long> generated = generated(command);
        long byFunction = BY_FUNCTION.stream()
                .mapToLong(name -> generated.getOrDefault(name, 0L))
                .sum();
        long all = generated.values().stream().mapToLong(Long::longValue).sum();
        assertThat(generated).containsKeys(BY_FUNCTION.toArray(String[]::new));
        assertThat((double) byFunction / all).as(generated.toString()).isGreaterThan(0.9);
    }

    /** How often functions were met whose file is none. */
    private static Map<String, Long> generated(List<String> command) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            Map<String, Long> generated = new TreeMap<>();
            for (StackCount stack :
                    ProfiledRun.reading(target.pid(), false, SAMPLES).profile().stacks()) {
                for (Location location : stack.locations()) {
                    Call call = location.innermost();
                    if (location.kind() == Kind.PYTHON && call.file().startsWith("<")) {
                        generated.merge(call.function() + " " + call.file(), stack.count(), Long::sum);
                    }
                }
            }
            return generated;
        }
    }

    private static Set<String> expected(int minor) {
        return minor >= FIRST_WITH_FUNCTIONS
                ? BY_FUNCTION
                : Set.of(
                        "__init__ <string>",
                        "__init__ <attrs generated init shop.plain.Plain>",
                        "rule <rules>",
                        "run <rules>",
                        "wrapper <generated wrapper>",
                        (minor >= FIRST_WITH_LAMBDA ? "<lambda>" : "__new__") + " <string>");
    }
}
