package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Samples of a program that goes on beside what py-spy says of the same stacks while it has stopped the program: function, file and line of
 * each frame, in order. The stacks are of random shapes, and stay as they are while both look.
 */
class PySpyTruthIT {
    private static final int STOPS = Interpreter.everyOne() ? 200 : 12;
    /** The newest that py-spy reads. */
    private static final int NEWEST = 14;

    private static final Path PY_SPY =
            Path.of("target", "interpreters", "py-spy", "bin", "py-spy").toAbsolutePath();
    private static final Path STACKS =
            Path.of("src", "test", "workloads", "stops.py").toAbsolutePath();
    private static final Pattern FRAME = Pattern.compile(
            "\"name\": \"([^\"]*)\",\\s+\"filename\": \"([^\"]*)\",.*?\"line\": (\\d+)", Pattern.DOTALL);
    /** The line of {@link #STACKS} in which the program waits. */
    private static final String HOLDS = "stops.py:17";

    private static final int MOST_TRIES = 1000;

    @TempDir
    private Path directory;

    /** Each minor version, or in the short form one with a frame for each call, and one with shims. */
    static List<Interpreter> interpreters() {
        return Interpreter.oneOfEachMinor().stream()
                .filter(interpreter -> interpreter.part(1) <= NEWEST)
                .filter(interpreter -> Interpreter.everyOne() || interpreter.part(1) == 9 || interpreter.part(1) == 12)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void framesAreThoseThatPySpySees(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                "sh",
                "-c",
                "exec \"$@\" 8<" + directory,
                "sh",
                interpreter.command().toString(),
                STACKS.toString(),
                "8");
        List<List<String>> dumps = new ArrayList<>();
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            ProfiledRun run = ProfiledRun.during(target.pid(), samples -> look(target, samples, dumps));
            expectTheSame(interpreter, dumps, held(run));
        }
    }

    private void look(TargetProgram target, AtomicInteger samples, List<List<String>> dumps) throws Exception {
        ProfiledRun.await(samples, 1);
        for (int stop = 1; stop <= STOPS; stop++) {
            assertThat(target.nextLine()).isEqualTo("held " + stop);
            dumps.add(dumpOfHeld(target.pid()));
            ProfiledRun.await(samples, samples.get() + 3);
            if (stop < STOPS) {
                Files.createFile(directory.resolve(Integer.toString(stop)));
            }
        }
    }

    /** Not from the moment between the line that says so and the one that holds. */
    private static List<String> dumpOfHeld(int pid) throws Exception {
        List<String> dump = dump(pid);
        for (int tries = 0; !dump.getFirst().endsWith(HOLDS); tries++) {
            assertThat(tries).as("dumps").isLessThan(MOST_TRIES);
            dump = dump(pid);
        }
        return dump;
    }

    /** Innermost first; while it looks the program stands. */
    private static List<String> dump(int pid) throws Exception {
        String dump = Tool.output(PY_SPY.toString(), "dump", "--json", "--pid", Integer.toString(pid));
        List<String> frames = new ArrayList<>();
        for (Matcher frame = FRAME.matcher(dump); frame.find(); ) {
            frames.add(frame(frame.group(1), frame.group(2), Integer.parseInt(frame.group(3))));
        }
        return frames;
    }

    /** Functions without what they are part of, which py-spy leaves out. */
    private static String frame(String function, String file, int line) {
        return function.substring(function.lastIndexOf('.') + 1) + " " + file + ":" + line;
    }

    /** The stacks of samples in which the program waited, with their number. */
    private static Map<List<String>, Long> held(ProfiledRun run) {
        Map<List<String>, Long> stacks = new HashMap<>();
        for (StackCount stack : run.profile().stacks()) {
            List<String> frames = stack.locations().stream()
                    .filter(location -> location.kind() == Kind.PYTHON)
                    .map(location -> frame(location.innermost()))
                    .toList();
            stacks.merge(frames, stack.count(), Long::sum);
        }
        return stacks;
    }

    private static String frame(Call call) {
        return frame(call.function(), call.file(), call.line());
    }

    /** Each dump is a stack of samples, and each stack that waits is a dump. */
    private static void expectTheSame(
            Interpreter interpreter, List<List<String>> dumps, Map<List<String>, Long> sampled) {
        String waiting = dumps.getFirst().getFirst();
        List<List<String>> others = sampled.keySet().stream()
                .filter(stack -> stack.getFirst().equals(waiting) && !dumps.contains(stack))
                .toList();
        long frames = dumps.stream().mapToLong(List::size).sum();
        long samples = dumps.stream()
                .distinct()
                .mapToLong(dump -> sampled.getOrDefault(dump, 0L))
                .sum();
        System.out.printf(
                Locale.ROOT,
                "%s beside py-spy: %d stops, %d frames, %d samples with the same stacks; %d stacks of ours that are none of its%n",
                interpreter,
                dumps.size(),
                frames,
                samples,
                others.size());
        assertThat(sampled.keySet()).as("stacks that py-spy has seen").containsAll(dumps);
        assertThat(others).as("stacks that py-spy has not seen").isEmpty();
    }
}
