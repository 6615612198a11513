package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.CannotStartException;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * B1 and R3 on workloads of known truth: the share of user stacks that reach the thread's first frame, and of those with {@code
 * leaf} on them that hold the whole Python chain in order; and R7: afterwards the target is as it was.
 */
class PythonTruthIT {
    private static final double SHARE = 0.999;
    private static final String GREENLETS = "greenlets";
    /** While a greenlet's stack is copied back to its place it is not there. */
    private static final double GREENLETS_SHARE = 0.99;

    /** Some milliseconds of the samples. */
    private static final double ONE_CALL = 0.01;

    private static final int SAMPLES = 1300;
    /** What ran when names came on stays unnamed, so that the first milliseconds must weigh less. */
    private static final int INJECTED_SAMPLES = 2500;

    private static final Path WORKLOADS = Path.of("src", "test", "workloads").toAbsolutePath();

    /** What may be called by whom, from the leaf outwards to the handler. */
    private static final Map<String, List<List<String>>> CHAINS = Map.of(
            "chain",
            List.of(List.of("leaf", "middle", "handler")),
            "threads",
            List.of(List.of("leaf", "middle", "handler")),
            GREENLETS,
            List.of(List.of("leaf", "middle", "handler")),
            "deep",
            List.of(deepChain()),
            "callbacks",
            List.of(
                    List.of("leaf", "sort_key", "with_sorted", "handler"),
                    List.of("leaf", "replace", "with_sub", "handler"),
                    List.of("leaf", "compare", "with_qsort", "handler"),
                    List.of("leaf", "reduced", "with_reduce", "handler"),
                    List.of("leaf", "mapped", "with_map", "handler"),
                    List.of("leaf", "Number.__lt__", "with_order", "handler"),
                    List.of("leaf", "Number.__del__", "with_end", "handler")));

    /** How the trampoline comes on. */
    enum Start {
        INJECTED,
        PLAIN,
        X_PERF
    }

    static List<Arguments> runs() throws Exception {
        List<Arguments> runs = new ArrayList<>();
        for (String workload : List.of("chain", "deep", "threads", "callbacks")) {
            for (Interpreter interpreter : Interpreter.spread(eligible(), workload)) {
                add(runs, interpreter, workload);
            }
        }
        boolean withGevent = false;
        for (Interpreter interpreter : eligible()) {
            if ((!withGevent || Interpreter.everyOne()) && hasGevent(interpreter)) {
                add(runs, interpreter, GREENLETS);
                withGevent = true;
            }
        }
        assertThat(withGevent).as("an interpreter has gevent").isTrue();
        return runs;
    }

    private static void add(List<Arguments> runs, Interpreter interpreter, String workload) {
        for (Start start : starts(workload)) {
            if (start != Start.INJECTED || !interpreter.crashesOnFork()) {
                runs.add(Arguments.of(interpreter, workload, start));
            }
        }
    }

    private static boolean hasGevent(Interpreter interpreter) throws Exception {
        Process gevent = new ProcessBuilder(interpreter.command().toString(), "-c", "import gevent")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return gevent.waitFor() == 0;
    }

    /** In the short form the ways that need no agent are tried with one workload each. */
    private static List<Start> starts(String workload) {
        if (Interpreter.everyOne()) {
            return List.of(Start.values());
        }
        return switch (workload) {
            case "deep" -> List.of(Start.INJECTED, Start.PLAIN);
            case "callbacks" -> List.of(Start.INJECTED, Start.X_PERF);
            default -> List.of(Start.INJECTED);
        };
    }

    static List<Interpreter> forkUnsafe() {
        return Interpreter.oneOfEachVersion().stream()
                .filter(Interpreter::crashesOnFork)
                .toList();
    }

    private static List<Interpreter> eligible() {
        return Interpreter.everyOne()
                ? Interpreter.all()
                : Interpreter.oneOfEachVersion().stream()
                        .filter(interpreter -> !interpreter.crashesOnFork())
                        .toList();
    }

    /** R8, R9: a version that would crash once it forks is refused before sampling, and nothing was changed. */
    @ParameterizedTest
    @MethodSource("forkUnsafe")
    void forkUnsafeVersionIsRefused(Interpreter interpreter) throws Exception {
        try (TargetProgram target = start(interpreter, "chain", Start.PLAIN)) {
            assertThatThrownBy(() -> profile(target, Start.INJECTED))
                    .isInstanceOf(CannotStartException.class)
                    .hasMessageContaining("fork_unsafe");
            assertThat(field(target.report(), "active")).isEqualTo("False");
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("runs")
    void stacksAreTrue(Interpreter interpreter, String workload, Start start) throws Exception {
        try (TargetProgram target = start(interpreter, workload, start)) {
            String before = target.report();
            ProfiledRun run = profile(target, start);
            Truth truth = Truth.of(
                    run.profile(), "py::leaf", name -> name.startsWith("py::"), chain -> isTrue(workload, chain));
            print(interpreter + " " + workload + " " + start, run, truth);
            double share = workload.equals(GREENLETS) ? GREENLETS_SHARE : SHARE;
            run.expectComplete(share);
            if (!workload.equals(GREENLETS)) { // whose stacks begin elsewhere
                assertThat(run.reachesEntryPoint(target.pid()))
                        .as("at the entry point")
                        .isGreaterThanOrEqualTo(SHARE);
            }
            if (start != Start.PLAIN) {
                assertThat(truth.samples()).as("samples with leaf").isGreaterThan(300);
                double begun = begunBefore(start, workload, truth) / (double) truth.samples();
                assertThat(begun).as("one call's: " + truth.others()).isLessThan(ONE_CALL);
                assertThat(truth.share() + begun)
                        .as("in order; others: " + truth.others())
                        .isGreaterThanOrEqualTo(share);
            }
            expectUnchanged(before, target.report());
        }
    }

    /** Samples of the one call of a handler that had begun when names came: it has none, what it calls has. */
    private static long begunBefore(Start start, String workload, Truth truth) {
        return start != Start.INJECTED
                ? 0
                : truth.others().entrySet().stream()
                        .filter(other -> lacksItsHandler(workload, other.getKey()))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
    }

    private static boolean lacksItsHandler(String workload, String chain) {
        return CHAINS.get(workload).stream()
                .anyMatch(names -> ("py::" + String.join(" <- py::", names)).equals(chain + " <- py::handler"));
    }

    private static ProfiledRun profile(TargetProgram target, Start start) throws Exception {
        boolean inject = start == Start.INJECTED;
        return ProfiledRun.of(target.pid(), inject, inject ? INJECTED_SAMPLES : SAMPLES);
    }

    private static TargetProgram start(Interpreter interpreter, String workload, Start start) throws Exception {
        List<String> command = new ArrayList<>(List.of(interpreter.command().toString()));
        if (start == Start.X_PERF) {
            command.addAll(List.of("-X", "perf"));
        }
        command.add(WORKLOADS.resolve(workload + ".py").toString());
        return TargetProgram.start(Map.of(), command);
    }

    /** The chain up to its handler is one of the workload's; what called the handler may have begun before names came. */
    private static boolean isTrue(String workload, List<String> chain) {
        int handler = chain.indexOf("py::handler");
        List<String> names = new ArrayList<>();
        for (String function : chain.subList(0, handler + 1)) {
            names.add(function.substring("py::".length()));
        }
        return CHAINS.get(workload).contains(names);
    }

    /** The trampoline is as it was, and a computation has the answer that it had. */
    private static void expectUnchanged(String before, String after) {
        assertThat(field(after, "active")).isEqualTo(field(before, "active"));
        assertThat(field(after, "digest")).isEqualTo(field(before, "digest"));
    }

    static String field(String report, String name) {
        for (String word : report.split(" ", -1)) {
            if (word.startsWith(name + "=")) {
                return word.substring(name.length() + 1);
            }
        }
        throw new AssertionError("no " + name + " in " + report);
    }

    private static List<String> deepChain() {
        List<String> chain = new ArrayList<>(List.of("leaf"));
        chain.addAll(Collections.nCopies(300, "descend"));
        chain.add("handler");
        return chain;
    }

    private static void print(String run, ProfiledRun profiled, Truth truth) {
        System.out.printf(
                Locale.ROOT,
                "%s: %d samples, %.3f %% complete %s; %d with leaf, %.3f %% in order %s%n",
                run,
                profiled.result().samples(),
                100 * profiled.completeShare(),
                profiled.reasons().subList(1, profiled.reasons().size()),
                truth.samples(),
                100 * truth.share(),
                truth.others()
                        .toString()
                        .substring(0, Math.min(300, truth.others().toString().length())));
    }
}
