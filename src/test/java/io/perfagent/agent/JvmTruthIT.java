package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.StackCount;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Jvm;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * B1 on stock JVMs: stacks of Java methods that are known by construction. The JVM itself says, in a perf map that {@code jcmd} has it
 * write, which method an address lies in; all that is interpreted is one entry there.
 */
class JvmTruthIT {
    private static final int SAMPLES = 1000;
    private static final int MOST_LOOKS = 200;
    private static final long BETWEEN_LOOKS_MILLIS = 300;
    private static final int DEPTH = 40;
    private static final double COMPLETE = 0.995;
    private static final double TRUE = 0.995;
    /** {@code run}, the lambda, {@code VirtualThread.run}, {@code Continuation.enter0} and {@code enter}; some may be inlined. */
    private static final int OUTSIDE = 3;

    private static final double COMPLETE_FROM_START = 0.95;
    private static final List<String> KINDS = List.of("numbers", "calls", "native", "lambdas", "throws", "garbage");

    /** Code of a method that stays: of C2, or of C1 where there is no more. */
    private static final Pattern LAST_TIER = Pattern.compile("^ *\\d+ +[14] +0 +Deep\\.down\\(", Pattern.MULTILINE);

    /** Where nothing is inlined, every method has a frame. Methods that are rarely called stay with the interpreter. */
    private static final Pattern EXACT =
            Pattern.compile("(WORK )*bottom (down ){DEPTH}OUTERMOST|(Interpreter )?(down ){0,DEPTH}OUTERMOST"
                    .replace("WORK", "(?!bottom|down|run)[A-Za-z0-9$]+")
                    .replace("OUTERMOST", "((run|Interpreter) )?(main|Interpreter)")
                    .replace("DEPTH", Integer.toString(DEPTH)));

    /** Otherwise some are left out. */
    private static final Pattern IN_ORDER =
            Pattern.compile("((calls|fibonacci) )*(bottom )?(down ){0,DEPTH}((run|Interpreter) )?(main|Interpreter)"
                    .replace("DEPTH", Integer.toString(DEPTH)));

    /** One run of each compiler, or all where the system property {@code interpreters} says so. */
    static List<Arguments> compiled(TestInfo test) throws IOException {
        List<Arguments> runs = new ArrayList<>();
        for (Jvm jvm : jvms(test)) {
            runs.add(Arguments.of(jvm, "calls", List.of(), IN_ORDER));
            runs.add(Arguments.of(jvm, "calls", List.of("-XX:TieredStopAtLevel=1", "-XX:-Inline"), EXACT));
            runs.add(Arguments.of(jvm, "strings", List.of("-XX:-Inline"), EXACT));
            if (Interpreter.everyOne()) {
                runs.addAll(more(jvm));
            }
        }
        return runs;
    }

    private static List<Arguments> more(Jvm jvm) {
        List<Arguments> runs = new ArrayList<>();
        for (String kind : KINDS) {
            runs.add(Arguments.of(jvm, kind, List.of("-XX:-Inline"), EXACT));
        }
        runs.add(Arguments.of(jvm, "calls", List.of("-XX:-TieredCompilation", "-XX:-Inline"), EXACT));
        runs.add(Arguments.of(jvm, "calls", List.of("-XX:+PreserveFramePointer", "-XX:-Inline"), EXACT));
        runs.add(Arguments.of(jvm, "calls", List.of("-XX:-SegmentedCodeCache", "-XX:-Inline"), EXACT));
        runs.add(Arguments.of(jvm, "garbage", List.of("-XX:+UseSerialGC", "-XX:-Inline"), EXACT));
        return runs;
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("compiled")
    void compiledMethodsAreInOrder(Jvm jvm, String kind, List<String> options, Pattern expected) throws Exception {
        try (TargetProgram target = start(jvm, kind, options)) {
            awaitCompilers(jvm, target.pid());
            jvm.ask(target.pid(), "Compiler.perfmap");
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            Map<String, Long> chains = new TreeMap<>();
            for (StackCount stack : run.profile().stacks()) {
                List<String> chain = methods(stack);
                if (!chain.isEmpty()) {
                    chains.merge(String.join(" ", chain), stack.count(), Long::sum);
                }
            }
            double right = report(
                    jvm + " " + kind + " " + options,
                    run,
                    chains,
                    chain -> expected.matcher(chain).matches());
            assertThat(right).as("in order; all: " + chains).isGreaterThanOrEqualTo(TRUE);
        }
    }

    /** Until they have done what there was to do: what is compiled later is not in the map, and has no names. */
    private static void awaitCompilers(Jvm jvm, int pid) throws Exception {
        String before = "";
        for (int look = 0; look < MOST_LOOKS; look++) {
            String now = jvm.ask(pid, "Compiler.codelist")
                    .lines()
                    .filter(line -> line.contains(" Deep"))
                    .collect(Collectors.joining("\n"));
            boolean last = LAST_TIER.matcher(now).find() && now.equals(before);
            if (last && !jvm.ask(pid, "Compiler.queue").contains("Deep")) {
                return;
            }
            before = now;
            TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS_MILLIS);
        }
        throw new AssertionError("not compiled: " + before);
    }

    static List<Arguments> interpreted(TestInfo test) throws IOException {
        List<Arguments> runs = new ArrayList<>();
        for (Jvm jvm : jvms(test)) {
            runs.add(Arguments.of(jvm, "calls", 2, 11)); // fibonacci(9) calls itself down to fibonacci(1)
            if (Interpreter.everyOne()) {
                runs.add(Arguments.of(jvm, "numbers", 2, 2));
                runs.add(Arguments.of(jvm, "lambdas", 2, 3));
                runs.add(Arguments.of(jvm, "garbage", 2, 2));
            }
        }
        return runs;
    }

    /**
     * Frames of the interpreter have no names, but they can be counted: main, run, those that go down, bottom, and what it calls.
     *
     * @param least that bottom calls while it works
     * @param most the same
     */
    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("interpreted")
    void interpretedMethodsAreAllThere(Jvm jvm, String kind, int least, int most) throws Exception {
        try (TargetProgram target = start(jvm, kind, List.of("-Xint"))) {
            TimeUnit.SECONDS.sleep(1);
            jvm.ask(target.pid(), "Compiler.perfmap");
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            Map<String, Long> counts = new TreeMap<>();
            for (StackCount stack : run.profile().stacks()) {
                long frames = Names.of(stack).stream()
                        .filter(JvmTruthIT::isInterpreter)
                        .count();
                if (frames > 0) {
                    counts.merge(Long.toString(frames), stack.count(), Long::sum);
                }
            }
            int bottom = DEPTH + 3;
            double working = report(
                    jvm + " " + kind + " -Xint", run, counts, count -> Integer.parseInt(count) >= bottom + least);
            assertThat(counts.keySet()).allMatch(count -> Integer.parseInt(count) <= bottom + most);
            assertThat(working).as("share of the work; all: " + counts).isGreaterThan(0.8);
        }
    }

    /**
     * A virtual thread that gives its carrier back and goes on: below its first frame are those of the carrier. Frames of its own that are
     * still in the heap, more of them the busier the machine is, are missing, and the stack says that some may be.
     */
    @Test
    void virtualThreadsStandOnTheirCarriers() throws Exception {
        Jvm jvm = Jvm.all().getFirst(); // the one of the build, 21 or later
        try (TargetProgram target = start(jvm, "parks", List.of("-XX:-Inline"))) {
            awaitCompilers(jvm, target.pid());
            jvm.ask(target.pid(), "Compiler.perfmap");
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            Map<String, Long> depths = new TreeMap<>();
            for (StackCount stack : run.profile().stacks()) {
                List<String> chain = methods(stack);
                if (chain.contains("bottom")) {
                    String missing = !stack.end().complete() ? " cut" : stack.guessed() ? " guessed" : "";
                    boolean whole = framesOutside(Names.of(stack)) >= OUTSIDE;
                    assertThat(whole || !missing.isEmpty())
                            .as("frames are missing: " + chain)
                            .isTrue();
                    depths.merge(Collections.frequency(chain, "down") + missing, stack.count(), Long::sum);
                }
            }
            String all = jvm + " parks, calls of down: " + depths;
            System.out.println(all);
            long stacks = depths.values().stream().mapToLong(Long::longValue).sum();
            long cut = depths.entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith(" cut"))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            assertThat(stacks).as(all).isGreaterThan(200);
            assertThat(cut).as(all).isLessThanOrEqualTo((long) Math.ceil(stacks * (1 - COMPLETE)));
            assertThat(depths.keySet())
                    .as(all)
                    .allMatch(depth -> depth.equals(Integer.toString(DEPTH)) || depth.contains(" "));
            long deep = depths.getOrDefault(DEPTH + " guessed", 0L) + depths.getOrDefault(Integer.toString(DEPTH), 0L);
            assertThat((double) deep / stacks).as(all).isGreaterThan(0.5);
        }
    }

    /** Between the workload's methods and the carrier's: Deep.run, its lambda, and those by which the JVM runs a virtual thread. */
    private static int framesOutside(List<String> names) {
        int outermost = 0;
        int carrier = names.size();
        for (int at = 0; at < names.size(); at++) {
            outermost = names.get(at).contains(" Deep.down(") ? at : outermost;
            carrier = names.get(at).contains("Continuation.enterSpecial(") ? Math.min(at, carrier) : carrier;
        }
        return carrier - outermost - 1;
    }

    /** One, in another test another. */
    static List<Jvm> jvms(TestInfo test) throws IOException {
        return Interpreter.inTurn(Jvm.all(), test);
    }

    /** Its library is met before it is relocated, and its code cache before it is there. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("jvms")
    void jvmThatStartsDuringTheRun(Jvm jvm) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "echo ready; sleep 1; \"$@\"", "sh"));
        command.addAll(jvm.command(List.of(), "Deep", "calls", Integer.toString(DEPTH)));
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = profileOfSixSeconds(target);
            System.out.printf(
                    Locale.ROOT,
                    "%s from its start: %.3f %% complete %s%n",
                    jvm,
                    100 * run.completeShare(),
                    run.reasons());
            run.expectComplete(COMPLETE_FROM_START);
        }
    }

    /** What the shell has started ends with it. */
    private static ProfiledRun profileOfSixSeconds(TargetProgram shell) throws Exception {
        try {
            return ProfiledRun.lasting(shell.pid(), false, Duration.ofSeconds(6), 999);
        } finally {
            ProcessHandle.of(shell.pid()).ifPresent(it -> it.children().forEach(ProcessHandle::destroyForcibly));
        }
    }

    private static TargetProgram start(Jvm jvm, String kind, List<String> options) throws Exception {
        return TargetProgram.start(Map.of(), jvm.command(options, "Deep", kind, Integer.toString(DEPTH)));
    }

    /** Returns the share of the Java stacks that are as expected. */
    private static double report(String name, ProfiledRun run, Map<String, Long> stacks, Predicate<String> expected) {
        long all = 0;
        long right = 0;
        for (Map.Entry<String, Long> stack : stacks.entrySet()) {
            all += stack.getValue();
            right += expected.test(stack.getKey()) ? stack.getValue() : 0;
        }
        System.out.printf(
                Locale.ROOT,
                "%s: %d samples, %.3f %% complete %s; %d of Java, %.3f %% as expected%n",
                name,
                run.result().samples(),
                100 * run.completeShare(),
                run.reasons(),
                all,
                100.0 * right / all);
        run.expectComplete(COMPLETE);
        assertThat(all).as("samples of Java").isGreaterThan(300);
        return (double) right / all;
    }

    private static boolean isInterpreter(String name) {
        return name.equals("Interpreter");
    }

    /** The workload's methods, without class and parameters, innermost first. */
    private static List<String> methods(StackCount stack) {
        List<String> methods = new ArrayList<>();
        for (String name : Names.of(stack)) {
            int from = name.indexOf(" Deep.");
            int to = name.indexOf('(');
            if (from >= 0 && to > from) {
                methods.add(name.substring(from + " Deep.".length(), to));
            } else if (isInterpreter(name)) {
                methods.add(name);
            }
        }
        return methods;
    }
}
