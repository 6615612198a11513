package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Event;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who has CPython's lock, and who waits for whom, of a program in which one function has it nearly all the time. */
class GilIT {
    private static final Path PROGRAM =
            Path.of("src/test/workloads/gil_fight.py").toAbsolutePath();
    private static final int SAMPLES = 1_500;
    private static final Duration KEPT = Duration.ofSeconds(3);

    /** First and last of the lines of the functions, one a thread. */
    private static final Map<String, List<Integer>> LINES =
            Map.of("holds", List.of(10, 14), "wants", List.of(17, 19), "sums", List.of(22, 24));

    /** Where the lock is differs: variables, in one struct, pointed at by each interpreter, described by it. */
    private static final Set<Integer> MINORS = Set.of(6, 9, 12, 14);

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.turns(Interpreter.readable(), test).stream()
                .filter(interpreter -> Interpreter.everyOne() || MINORS.contains(interpreter.part(1)))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void whoHasItAndForWhomOthersWait(Interpreter interpreter) throws Exception {
        List<String> command = List.of(interpreter.command().toString(), PROGRAM.toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.runningAndWaiting(
                    target.pid(), Duration.ofMillis(1), samples -> ProfiledRun.await(samples, SAMPLES));
            List<StackCount> stacks = run.result().profiles().stream()
                    .map(Profile::stacks)
                    .flatMap(List::stream)
                    .toList();
            expectHolding(stacks);
            expectHolders(stacks);
            assertThat(run.log())
                    .containsPattern(
                            "gil: \\d+ % held, waits \\d+ % of thread time, longest holder holds \\(gil_fight.py:10\\)")
                    .containsPattern("\\d %  wants \\(gil_fight.py:17\\) for holds \\(gil_fight.py:10\\)");
        }
    }

    /** Each goes on when the run ends: nothing tells of it but the interpreter's state at that moment. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void whoHasItWhileOneStillWaits(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(),
                Path.of("src/test/workloads/gil_kept.py").toAbsolutePath().toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.woken(target.pid(), Duration.ofMillis(1), _ -> Thread.sleep(KEPT));
            StackCount longest = longest(run, "wants");
            ThreadActivity waits = longest.activity();
            assertThat(waits.state()).isEqualTo(ThreadState.GIL);
            assertThat(longest.count()).isGreaterThan(KEPT.toNanos() / 2);
            assertThat(call(waits.gilHolder()).function()).isEqualTo("keeps");
            assertThat(call(waits.gilHolder()).line()).isEqualTo(12);
            assertThat(waits.gilHolder().tid()).isEqualTo(target.pid());
            assertThat(waits.waker().separator()).isEqualTo("[still waiting]");
            ThreadActivity keeps = longest(run, "keeps").activity();
            assertThat(keeps.state()).isEqualTo(ThreadState.SLEEP);
            assertThat(keeps.holdsGil()).isTrue();
            assertThat(keeps.waker().separator()).isEqualTo("[still waiting]");
            assertThat(run.log())
                    .containsPattern("wants \\(gil_kept.py:15\\) for keeps \\(gil_kept.py:11\\)")
                    .contains("wants (gil_kept.py:15), still waiting");
        }
    }

    private static StackCount longest(ProfiledRun run, String function) {
        return run.profile().stacks().stream()
                .filter(stack -> function.equals(function(stack)))
                .max(Comparator.comparingLong(StackCount::count))
                .orElseThrow();
    }

    private static void expectHolding(List<StackCount> stacks) {
        Predicate<StackCount> running = stack -> stack.event() == Event.CPU_CLOCK;
        long holds = sum(stacks, running.and(stack -> "holds".equals(function(stack))));
        long sums = sum(stacks, running.and(stack -> "sums".equals(function(stack))));
        long held = sum(
                stacks,
                running.and(stack ->
                        "holds".equals(function(stack)) && stack.activity().holdsGil()));
        long heldInSums = sum(
                stacks,
                running.and(stack ->
                        "sums".equals(function(stack)) && stack.activity().holdsGil()));
        assertThat(held).as("of %d samples in holds", holds).isGreaterThan(holds * 9 / 10);
        assertThat(heldInSums).as("of %d samples in sums", sums).isLessThan(Math.max(3, sums / 10));
    }

    private static void expectHolders(List<StackCount> stacks) {
        Map<Integer, String> threads = new HashMap<>();
        stacks.forEach(stack ->
                threads.merge(stack.tid(), String.valueOf(function(stack)), (a, b) -> LINES.containsKey(a) ? a : b));
        long waited = sum(stacks, stack -> stack.activity().gilHolder() != null);
        long known = sum(stacks, GilIT::isKnown);
        long forHolds = sum(
                stacks,
                stack -> isKnown(stack)
                        && "holds".equals(call(stack.activity().gilHolder()).function()));
        assertThat(known).as("of %d ns of waits", waited).isGreaterThan(waited / 2);
        assertThat(forHolds).as("of %d ns that are known", known).isGreaterThan(known * 8 / 10);
        for (StackCount stack : stacks) {
            if (stack.activity().gilHolder() != null) {
                assertThat(stack.state()).isEqualTo(ThreadState.GIL);
            }
            if (isKnown(stack)) {
                Call call = call(stack.activity().gilHolder());
                List<Integer> lines = LINES.getOrDefault(call.function(), List.of(0, 0));
                assertThat(call.line())
                        .as("%s for %s", Names.of(stack), call)
                        .isBetween(lines.getFirst(), lines.getLast());
                assertThat(stack.activity().gilHolder().tid()).isNotEqualTo(stack.tid());
                if (stack.activity().gilHolder().tid() != 0) {
                    assertThat(threads.get(stack.activity().gilHolder().tid())).isEqualTo(call.function());
                }
            }
        }
    }

    private static boolean isKnown(StackCount stack) {
        return stack.activity().gilHolder() != null
                && stack.activity().gilHolder().known() == GilUse.Holder.KNOWN;
    }

    private static Call call(GilHolder holder) {
        return holder.frame().innermost();
    }

    private static long sum(List<StackCount> stacks, Predicate<StackCount> meant) {
        return stacks.stream().filter(meant).mapToLong(StackCount::count).sum();
    }

    /** The innermost one of the program's own. */
    private static String function(StackCount stack) {
        return stack.locations().stream()
                .filter(location -> location.kind() == Location.Kind.PYTHON)
                .map(location -> location.innermost().function())
                .findFirst()
                .orElse(null);
    }
}
