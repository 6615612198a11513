package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** B1 on native programs without frame pointers, whose chains are known by construction. */
class NativeTruthIT {
    private static final int SAMPLES = 1000;
    /** The unwinder of C++ rewrites frames while it throws, so that a few stacks cannot be true: enough of them for a share. */
    private static final int THROWING_SAMPLES = 10_000;
    /** Most are of births themselves, the more of them the busier the machine is. */
    private static final int BIRTHS_SAMPLES = 3_000;

    private static final int RATE = 3999;
    /** Thousands of processes a second, on one stack by turns: on an overloaded machine one run in twenty had 0.6 % of cut stacks. */
    private static final double VFORKS_SHARE = 0.99;

    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final Set<String> NAMES = Set.of(
            "leaf",
            "middle",
            "handler",
            "work",
            "in_signal",
            "on_signal",
            "main",
            "pushes",
            "aligned",
            "slotted",
            "jumping");
    private static final List<String> CHAIN = List.of("leaf", "middle", "handler", "main");
    private static final List<String> THREAD = List.of("leaf", "middle", "handler", "work");

    static List<Arguments> runs() {
        return List.of(
                Arguments.of("chain", Map.of(), "leaf", List.of(CHAIN), 0.999),
                Arguments.of("assembly", Map.of(), "leaf", assembly(), 0.999),
                Arguments.of("births", Map.of(), "leaf", List.of(THREAD), 0.999),
                Arguments.of("vforks", Map.of(), "leaf", List.of(CHAIN), VFORKS_SHARE),
                Arguments.of("vdso", Map.of(), "leaf", List.of(CHAIN), 0.999),
                Arguments.of("plt", Map.of(), "leaf", List.of(CHAIN), 0.999),
                Arguments.of("plt", Map.of("LD_BIND_NOT", "1"), "leaf", List.of(CHAIN), 0.999),
                Arguments.of("signals", Map.of(), "in_signal", signalChains(), 0.999),
                Arguments.of("throws", Map.of(), "handler", List.of(List.of("handler", "main")), 0.99));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void stacksAreTrue(
            String program, Map<String, String> environment, String leaf, List<List<String>> chains, double share)
            throws Exception {
        List<String> command = List.of(PROGRAMS.resolve(program).toString());
        try (TargetProgram target = TargetProgram.start(environment, command)) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, samples(program), RATE);
            Truth truth = Truth.of(run.profile(), leaf, NAMES::contains, chains::contains);
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: %d samples, %.3f %% complete %s; %d with %s, %.3f %% in order %s%n",
                    program,
                    environment,
                    run.result().samples(),
                    100 * run.completeShare(),
                    run.reasons(),
                    truth.samples(),
                    leaf,
                    100 * truth.share(),
                    truth.others());
            run.expectComplete(share);
            assertThat(run.reachesEntryPoint(target.pid()))
                    .as("at the entry point")
                    .isGreaterThanOrEqualTo(share);
            assertThat(truth.samples()).as("samples with " + leaf).isGreaterThan(300);
            assertThat(truth.share()).as("in order; others: " + truth.others()).isGreaterThanOrEqualTo(share);
        }
    }

    private static int samples(String program) {
        return switch (program) {
            case "throws" -> THROWING_SAMPLES;
            case "births" -> BIRTHS_SAMPLES;
            default -> SAMPLES;
        };
    }

    /** Code that the program makes anew at the same address, with another frame: some samples come before it is known, none is walked as before. */
    @Test
    void codeThatIsMadeAnew() throws Exception {
        List<String> command = List.of(PROGRAMS.resolve("remade").toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            List<List<String>> wholeOrCut = List.of(CHAIN, List.of("leaf"));
            Truth truth = Truth.of(run.profile(), "leaf", NAMES::contains, wholeOrCut::contains);
            System.out.println("remade: " + run.reasons() + " " + truth.others());
            assertThat(truth.share()).as("in order; others: " + truth.others()).isOne();
            assertThat(run.reasons().toString()).doesNotContain("no call before the return address", "guessed");
            assertThat(run.completeShare()).isGreaterThan(0.5);
        }
    }

    /** Functions that no call-frame information describes, each in another way. */
    private static List<List<String>> assembly() {
        return Stream.of("pushes", "aligned", "slotted", "jumping")
                .map(function -> List.of("leaf", function, "handler", "main"))
                .toList();
    }

    /** Where the signal may interrupt: the program itself, or the handler of the other signal. */
    private static List<List<String>> signalChains() {
        List<String> handler = List.of("in_signal", "on_signal");
        return List.of(
                concat(handler, List.of("middle", "handler", "main")),
                concat(handler, CHAIN),
                concat(handler, concat(handler, List.of("middle", "handler", "main"))),
                concat(handler, concat(handler, CHAIN)),
                concat(handler, List.of("on_signal", "middle", "handler", "main")),
                concat(handler, concat(List.of("on_signal"), CHAIN)),
                concat(handler, List.of("handler", "main")),
                concat(handler, List.of("main")));
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
