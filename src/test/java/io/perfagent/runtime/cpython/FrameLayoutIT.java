package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads, and the frames of threads that wait, as they are read from outside against what the program says of itself. */
class FrameLayoutIT {
    static List<Interpreter> interpreters() {
        return TestPythons.all();
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void threadsAndTheirFramesAreWhatTheProgramSays(Interpreter interpreter) throws IOException, MissedException {
        try (PythonTalk target = PythonTalk.start(interpreter, "frames.py")) {
            long runtime = Long.parseLong(target.line());
            Map<String, List<String>> expected = stacks(target.answer());
            target.awaitReads();
            PythonLayout layout = Layouts.of(interpreter, runtime, target);
            FrameWalk walk = new FrameWalk(layout, target.memory());
            ThreadStates threads =
                    ThreadStates.read(layout, Layouts.interpreters(layout, runtime, target), target.memory());
            Map<String, List<String>> found = new LinkedHashMap<>();
            for (ThreadState thread : threads.all()) {
                found.put(
                        "thread " + thread.address() + " " + thread.id() + " " + thread.nativeId(), walk.calls(thread));
            }
            assertThat(threads.complete()).isTrue();
            assertThat(found).isEqualTo(expected).hasSize(10);
            assertThat(walk.shims()).isGreaterThanOrEqualTo(layout.minor() < 12 ? 0 : 15);
            if (layout.threads().cframe() != PythonLayout.NONE) {
                assertThat(walk.cframes(threads.all().getLast()))
                        .as("of the main thread")
                        .isEqualTo(1);
            }
        }
    }

    private static Map<String, List<String>> stacks(List<String> lines) {
        Map<String, List<String>> stacks = new LinkedHashMap<>();
        List<String> calls = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("thread ")) {
                calls = new ArrayList<>();
                stacks.put(line, calls);
            } else {
                calls.add(line);
            }
        }
        return stacks;
    }
}
