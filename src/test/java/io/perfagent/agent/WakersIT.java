package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Who ends waits, of programs in which that is known for each function. */
class WakersIT {
    private static final Duration THRESHOLD = Duration.ofMillis(1);
    private static final int SAMPLES = 1_500;
    /** Some kernels run no program at switches away from some threads, a few times a second: a start that misses ends misses thousands. */
    private static final long UNSEEN = 100;

    private static final Map<String, String> PARTNERS = Map.of("reads", "writes", "takes", "posts", "wants", "owns");
    private static final Set<ThreadState> FOR_OTHERS = Set.of(ThreadState.IO, ThreadState.LOCK);

    @Test
    void functionsAreWokenByTheirPartners() throws Exception {
        ProfiledRun run = run(List.of(workload("wakers")), SAMPLES);
        PARTNERS.forEach((waiter, waker) -> expect(run, waiter, FOR_OTHERS, waker));
        PARTNERS.values().forEach(waiter -> expectTimer(run, waiter));
        assertThat(run.log())
                .contains("who ended waits, by their share of")
                .containsPattern("\\d %  reads, woken by writes\\R")
                .containsPattern("\\d %  takes, woken by posts\\R");
    }

    /** Nothing is said of the time on the CPU. */
    @Test
    void itIsTheSameOnTheWallClock() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(workload("wakers")))) {
            ProfiledRun run =
                    ProfiledRun.ofWall(target.pid(), THRESHOLD, true, taken -> ProfiledRun.await(taken, SAMPLES));
            PARTNERS.forEach((waiter, waker) -> expect(run, waiter, FOR_OTHERS, waker));
            PARTNERS.values().forEach(waiter -> expectTimer(run, waiter));
            assertThat(run.profile().stacks())
                    .filteredOn(stack -> stack.state() == ThreadState.RUNNING)
                    .isNotEmpty()
                    .allMatch(stack -> stack.activity().waker() == null);
        }
    }

    @Test
    void twoThreadsWakeEachOther() throws Exception {
        ProfiledRun run = run(List.of(workload("pingpong")), SAMPLES / 5);
        expect(run, "asks", FOR_OTHERS, "echoes");
        expect(run, "echoes", FOR_OTHERS, "asks");
        assertThat(unseen(run.log()))
                .as("waits that had begun before their ends were seen")
                .isLessThan(UNSEEN);
    }

    private static long unseen(String log) {
        Matcher line = Pattern.compile("waits: (\\d+), [^;]*the kernel did not tell of their ends")
                .matcher(log);
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    @Test
    void functionsOfPythonAreWokenByTheirPartners() throws Exception {
        Path program = Path.of("src/test/workloads/gil_waits.py").toAbsolutePath();
        Interpreter interpreter = Interpreter.all().getFirst();
        ProfiledRun run = run(List.of(interpreter.command().toString(), program.toString()), SAMPLES);
        expect(run, "for_data", Set.of(ThreadState.IO), "sends");
        expectTimer(run, "for_time");
    }

    private static String workload(String name) {
        return Path.of("target", "workloads", name).toAbsolutePath().toString();
    }

    private static ProfiledRun run(List<String> command, int samples) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            return ProfiledRun.woken(target.pid(), THRESHOLD, taken -> ProfiledRun.await(taken, samples));
        }
    }

    private static void expect(ProfiledRun run, String waiter, Set<ThreadState> states, String waker) {
        long all = 0;
        long right = 0;
        long unknown = 0;
        List<String> others = new ArrayList<>();
        for (StackCount stack : run.profile().stacks()) {
            if (stack.activity().waker() != null
                    && stack.activity().waker().kind() != Waker.Kind.NOBODY // it goes on
                    && states.contains(stack.state())
                    && contains(stack.locations(), waiter)) {
                Waker by = stack.activity().waker();
                boolean known = by.kind() != Waker.Kind.UNKNOWN;
                all += known ? stack.count() : 0;
                unknown += known ? 0 : stack.count();
                if (contains(by.locations(), waker) && isThreadOf(run, by, waker)) {
                    right += stack.count();
                } else {
                    others.add(stack.count() + " " + by.kind() + " "
                            + by.locations().stream().map(Names::of).toList());
                }
            }
        }
        assertThat(all).as("%s woken", waiter).isPositive();
        assertThat(right)
                .as("%s woken by %s, of %d ns; others: %s", waiter, waker, all, others)
                .isGreaterThanOrEqualTo(all * 99 / 100);
        assertThat(unknown).as("of %d ns", all).isLessThan(all / 10 + 1);
    }

    /** Its own waits are in that function. */
    private static boolean isThreadOf(ProfiledRun run, Waker waker, String function) {
        return run.profile().stacks().stream()
                .filter(stack -> stack.tid() == waker.tid() && stack.pid() == waker.pid())
                .anyMatch(stack -> contains(stack.locations(), function));
    }

    private static void expectTimer(ProfiledRun run, String waiter) {
        long all = 0;
        long right = 0;
        for (StackCount stack : run.profile().stacks()) {
            if (stack.activity().waker() != null
                    && stack.activity().waker().kind() != Waker.Kind.NOBODY
                    && stack.state() == ThreadState.SLEEP
                    && contains(stack.locations(), waiter)) {
                all += stack.activity().waker().kind() == Waker.Kind.UNKNOWN ? 0 : stack.count();
                right += stack.activity().waker().kind() == Waker.Kind.INTERRUPT ? stack.count() : 0;
            }
        }
        assertThat(all).as("%s woken", waiter).isPositive();
        assertThat(right).as("%s woken by a timer, of %d ns", waiter, all).isGreaterThanOrEqualTo(all * 99 / 100);
    }

    private static boolean contains(List<Location> locations, String function) {
        return locations.stream()
                .flatMap(location -> location.calls().stream())
                .map(Call::function)
                .anyMatch(function::equals);
    }
}
