package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs in Go, which have no call-frame information, and stacks of their own for each goroutine. */
class GoProgramsIT {
    private static final Path PROGRAMS = Path.of("target", "workloads").toAbsolutePath();
    private static final int SAMPLES = 2500;
    private static final int RATE = 3999;
    private static final double COMPLETE = 0.995;
    private static final double MOST_GROWTH = 0.1;

    private static final List<String> GOROUTINE =
            List.of("main.leaf", "main.middle", "main.handler", "main.run", "runtime.goexit.abi0");
    /** From Go into C and from there into Go: over two stacks, and back. */
    private static final List<String> THROUGH_C =
            List.of("main.leaf", "goMiddle", "cHandler", "main.run", "main.main", "runtime.goexit.abi0");

    @Test
    void goroutines() throws Exception {
        ProfiledRun run = profile("go-chain");
        expectChain(run, GOROUTINE);
        expectComplete(run);
    }

    @Test
    void goThatCallsCThatCallsGo() throws Exception {
        ProfiledRun run = profile("go-cgo");
        expectChain(run, THROUGH_C);
        expectComplete(run);
    }

    /** Goroutines that come and go, the collector, channels, assembly, signals: nothing is guessed. Who needs a larger stack is not known. */
    @ParameterizedTest
    @ValueSource(strings = {"go-churn", "go-cgo-pie-stripped"})
    void everythingThatTheRuntimeDoes(String program) throws Exception {
        expectAll(program);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"go-chain-stripped", "go-churn-stripped", "go-churn-pie"})
    void linkedInOtherWays(String program) throws Exception {
        expectAll(program);
    }

    private static void expectAll(String program) throws Exception {
        ProfiledRun run = profile(program);
        boolean named = !program.endsWith("stripped");
        double grows = share(
                run,
                stack -> stack.end() == WalkEnd.UNSUPPORTED_RULE
                        && (!named || Names.of(stack).getLast().startsWith("runtime.morestack")));
        assertThat(share(run, stack -> stack.end().complete()) + grows)
                .as(run.log())
                .isGreaterThanOrEqualTo(COMPLETE);
        assertThat(grows).isLessThan(MOST_GROWTH);
        assertThat(run.log()).doesNotContain("guessed frames");
    }

    /** What runs on a thread's own stack for a goroutine is below that goroutine's function. */
    @Test
    void systemStacksGoOnInTheGoroutine() throws Exception {
        long all = 0;
        long inGoroutines = 0;
        for (StackCount stack : profile("go-churn").profile().stacks()) {
            List<String> functions = Names.of(stack);
            int at = functions.indexOf("runtime.systemstack.abi0");
            if (at >= 0) {
                all += stack.count();
                boolean goesOn = functions.getLast().equals("runtime.goexit.abi0") && functions.size() > at + 1;
                inGoroutines += goesOn ? stack.count() : 0;
            }
        }
        assertThat(all).isGreaterThan(20);
        assertThat((double) inGoroutines / all).isGreaterThan(0.9);
    }

    private static double share(ProfiledRun run, Predicate<StackCount> which) {
        long all = 0;
        long counted = 0;
        for (StackCount stack : run.profile().stacks()) {
            all += stack.count();
            counted += which.test(stack) ? stack.count() : 0;
        }
        return (double) counted / all;
    }

    private static ProfiledRun profile(String program) throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(PROGRAMS.resolve(program).toString()))) {
            return ProfiledRun.of(target.pid(), false, SAMPLES, RATE);
        }
    }

    private static void expectChain(ProfiledRun run, List<String> chain) {
        Truth truth = Truth.of(run.profile(), "main.leaf", chain::contains, chain::equals);
        assertThat(truth.samples()).isGreaterThan(300);
        assertThat(truth.share()).as("in order; others: " + truth.others()).isGreaterThanOrEqualTo(COMPLETE);
    }

    /** Who called {@code runtime.morestack} is not known: the scheduler comes through it, and the more often the busier the machine is. */
    private static void expectComplete(ProfiledRun run) {
        long all = 0;
        long cut = 0;
        for (StackCount stack : run.profile().stacks()) {
            boolean scheduler =
                    !stack.locations().isEmpty() && Names.of(stack).getLast().startsWith("runtime.morestack");
            all += stack.count();
            cut += stack.end().complete() || scheduler ? 0 : stack.count();
        }
        assertThat(all).as("samples").isGreaterThan(300);
        assertThat((double) cut / all).as("cut; " + run.reasons()).isLessThanOrEqualTo(1 - COMPLETE);
    }
}
