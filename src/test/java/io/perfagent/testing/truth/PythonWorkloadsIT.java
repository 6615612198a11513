package io.perfagent.testing.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the workloads say of themselves, before anything else is compared with it: each interpreter shows its own stacks, and they are
 * the true ones.
 */
class PythonWorkloadsIT {
    private static final Path SAMPLED = PythonWorkload.CHAIN.source().resolveSibling("sampled.py");
    private static final String STACKS = "30";
    private static final int PID = 1;

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.everyOne() ? Interpreter.readable() : Interpreter.inTurn(Interpreter.oneOfEachMinor(), test);
    }

    @ParameterizedTest(name = "{0}")
    @Tag("long")
    @MethodSource("interpreters")
    void stacksOfTheInterpreterAreTheTrueOnes(Interpreter interpreter) throws Exception {
        List<PythonWorkload> workloads = PythonWorkload.of(interpreter);
        workloads.remove(PythonWorkload.SUBINTERPRETERS); // an interpreter sees its own frames only
        for (PythonWorkload workload : workloads) {
            Verdict verdict = workload.truth(interpreter)
                    .judge(stacks(interpreter, workload).profile(), PID);
            System.out.println(interpreter + " by itself, " + workload + ": " + verdict);
            verdict.expect(1, 0, 0); // a signal is handled at a few places only, and few of them are in a leaf
        }
    }

    /** On each version there is an interpreter for every workload, as far as that is possible. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void whatIsMissingIsKnown(Interpreter interpreter) throws Exception {
        Set<PythonWorkload> missing = EnumSet.allOf(PythonWorkload.class);
        missing.removeAll(PythonWorkload.of(interpreter));
        missing.remove(PythonWorkload.GREENLETS); // gevent comes from Debian, for one of its versions
        if (interpreter.part(1) < 8) {
            missing.remove(PythonWorkload.SUBINTERPRETERS);
        }
        assertThat(missing).isEmpty();
    }

    private static CallProfile stacks(Interpreter interpreter, PythonWorkload workload) throws Exception {
        List<String> command = new ArrayList<>(List.of("env"));
        workload.environment(interpreter).forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of(
                interpreter.command().toString(),
                "-B",
                SAMPLED.toString(),
                STACKS,
                workload.source().toString()));
        CallProfile profile = new CallProfile(PID);
        List<Call> calls = new ArrayList<>();
        for (String line : Tool.output(command, Path.of("/")).lines().toList()) {
            String[] fields = line.split("\t", -1);
            if (fields.length == 4) {
                calls.add(new Call(fields[0], fields[1], Long.parseLong(fields[2]), Long.parseLong(fields[3])));
            } else if (line.isEmpty()) {
                profile.add(calls, 1);
                calls.clear();
            }
        }
        return profile;
    }
}
