package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Threads whose numbers are so alike that there are places for eight of them: what is said of the ninth. */
class CrowdedThreadsIT {
    private static final String PROGRAM =
            Path.of("target", "workloads", "crowd").toAbsolutePath().toString();
    private static final int PLACES = 8;
    private static final Duration THRESHOLD = Duration.ofMillis(1);
    /** Naps are longer than the threshold: what is off is the time in the run queue, and interrupts. */
    private static final double TOLERANCE = 0.1;
    /** Of the ninth: behind its naps it sleeps, which goes on at the end; and it has been driven from its CPU before its naps. */
    private static final int LEAST_BESIDE = 2;

    private static final int MOST_BESIDE = 8;

    private record Own(long nanos, long switches) {}

    @Test
    void eightAreRightAndTheNinthIsCounted() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(PROGRAM))) {
            assertThat(leftOut(whileAllSleep(target.pid()).log())).isEqualTo(1);
            Map<Integer, Own> crowd = new HashMap<>();
            ProfiledRun run = ProfiledRun.waiting(target.pid(), THRESHOLD, samples -> {
                ProfiledRun.await(samples, 1);
                Tool.output("kill", "-USR1", Integer.toString(target.pid()));
                for (String line = target.nextLine(); !line.equals("done"); line = target.nextLine()) {
                    String[] words = line.split(" ", -1);
                    crowd.put(Integer.parseInt(words[0]), new Own(Long.parseLong(words[1]), Long.parseLong(words[2])));
                }
            });
            System.out.println(run.log());
            List<Integer> seen = crowd.keySet().stream()
                    .filter(pid -> napped(run.profile(), pid) > 0)
                    .toList();
            assertThat(crowd).hasSize(PLACES + 1);
            assertThat(seen).hasSize(PLACES);
            for (int pid : seen) {
                double own = crowd.get(pid).nanos();
                assertThat((double) napped(run.profile(), pid)).isCloseTo(own, Offset.offset(TOLERANCE * own));
            }
            crowd.keySet().removeAll(seen);
            long ninth = crowd.values().iterator().next().switches();
            assertThat(leftOut(run.log())).isBetween(ninth + LEAST_BESIDE, ninth + MOST_BESIDE);
        }
    }

    /** Which numbers processes may have is the machine's: put back whatever ends the program. */
    @Test
    void nothingIsLeftOfACrowdThatIsKilled() throws Exception {
        String before = Tool.output(
                "sh",
                "-c",
                "exec 2>/dev/null; " + PROGRAM + " dies | cat"); // up to the end of the last process that has the pipe
        assertThat(before).isNotEmpty();
        assertThat(Tool.output("cat", "/proc/sys/kernel/pid_max")).isEqualTo(before);
    }

    private static ProfiledRun whileAllSleep(int pid) throws Exception {
        return ProfiledRun.waiting(pid, THRESHOLD, samples -> ProfiledRun.await(samples, 1));
    }

    private static long napped(Profile profile, int pid) {
        return profile.stacks().stream()
                .filter(stack -> stack.pid() == pid && Names.of(stack).contains("naps"))
                .mapToLong(StackCount::count)
                .sum();
    }

    private static long leftOut(String log) {
        MatchResult line = Pattern.compile("waits: (\\d+) were left out, of threads for which there was no room")
                .matcher(log)
                .results()
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.group(1));
    }
}
