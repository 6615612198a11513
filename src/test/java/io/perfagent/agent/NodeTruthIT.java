package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Node.js, with functions that call each other in all ways that V8 has: whole stacks, and none that claims to be and is not. */
class NodeTruthIT {
    private static final String PROGRAM = Path.of("src", "test", "workloads", "runtimes", "varied.js")
            .toAbsolutePath()
            .toString();
    /** As V8 writes them into its perf map: {@code JS:*leaf_sort /path/varied.js:12:19}. */
    private static final Pattern FUNCTION = Pattern.compile("JS:\\W*((?:leaf|mid)_(\\w+)|handler)\\b.*");

    private static final int SAMPLES = 800;
    /** Of a run that begins with the program, while V8 compiles each function again and again, on a busy machine; later it is 97 % and more. */
    private static final double COMPLETE = 0.7;

    @Test
    void completeIsTrue() throws Exception {
        List<String> command = List.of(
                "node",
                "--no-logfile-per-isolate",
                "--logfile=target/v8.log",
                "--perf-basic-prof",
                "--interpreted-frames-native-stack",
                "--no-turbo-inlining",
                PROGRAM);
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.of(target.pid(), false, SAMPLES);
            long all = 0;
            long complete = 0;
            long withLeaf = 0;
            List<StackCount> wrong = new ArrayList<>();
            for (StackCount stack : run.profile().stacks()) {
                if (stack.tid() == target.pid() && stack.end() != WalkEnd.NO_USER_STACK) {
                    boolean claimed = stack.end().complete() && !stack.guessed();
                    List<String> chain = chain(stack);
                    all += stack.count();
                    complete += claimed ? stack.count() : 0;
                    withLeaf += chain.isEmpty() ? 0 : stack.count();
                    if (claimed && !isWhole(chain)) {
                        wrong.add(stack);
                    }
                }
            }
            assertThat(wrong).as("complete, but not true").isEmpty();
            assertThat(withLeaf).as("samples with a known chain").isGreaterThan(SAMPLES / 2);
            assertThat((double) complete / all)
                    .as("complete: %s", run.reasons())
                    .isGreaterThanOrEqualTo(COMPLETE);
        }
    }

    /** What is known of a stack, innermost first. */
    private static List<String> chain(StackCount stack) {
        List<String> chain = new ArrayList<>();
        for (Location location : stack.locations()) {
            Matcher name = FUNCTION.matcher(Names.of(location));
            if (name.matches()) {
                chain.add(name.group(1));
            }
        }
        return chain;
    }

    /** Of one way only, with all that is above what was met. */
    private static boolean isWhole(List<String> chain) {
        if (chain.isEmpty()) {
            return true;
        }
        String innermost = chain.getFirst();
        String way = innermost.substring(innermost.indexOf('_') + 1);
        List<String> whole = List.of("leaf_" + way, "mid_" + way, "handler");
        int from = whole.indexOf(innermost);
        return from >= 0 && chain.equals(whole.subList(from, whole.size()));
    }
}
