package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.StackSource;
import io.perfagent.model.ThreadStack;
import io.perfagent.report.Log;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that wait, in places that are known: all of them are shown, where they are, and none runs meanwhile. */
class DumpIT {
    private static final Path NATIVE = Path.of("target", "workloads").toAbsolutePath();
    private static final Path SCRIPTS = Path.of("src", "test", "workloads").toAbsolutePath();

    @Test
    void threadsThatWaitForEachOther() throws Exception {
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(NATIVE.resolve("locked").toString()))) {
            ProcessDump dump = dump(target.pid());
            assertThat(dump.python()).isEmpty();
            assertThat(dump.threads()).hasSize(4).allSatisfy(thread -> {
                assertThat(thread.complete()).as(thread.toString()).isTrue();
                assertThat(thread.source()).isEqualTo(StackSource.STANDING);
                assertThat(thread.activity()).isEqualTo(Activity.SLEEPING);
            });
            assertThat(dump.threads().stream().map(DumpIT::own))
                    .containsExactly("joins main _start", "takes first", "takes second", "pauses large");
            assertThat(dump.threads().stream().map(thread -> String.valueOf(thread.call())))
                    .allMatch(call -> call.startsWith("futex (0x") || call.equals("pause"));
        }
    }

    /** Functions of the program itself, innermost first. */
    private static String own(ThreadStack thread) {
        return thread.frames().stream()
                .filter(frame -> frame.module() != null && frame.module().path().endsWith("/locked"))
                .map(frame -> frame.innermost().function())
                .collect(Collectors.joining(" "));
    }

    static List<Interpreter> interpreters() {
        return Interpreter.everyOne() ? Interpreter.readable() : Interpreter.oneOfEachMinor();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void pythonIsWhereItSaysItself(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), SCRIPTS.resolve("waiting.py").toString(), "2");
        try (TargetProgram target = TargetProgram.start(interpreter.withGreenlet(), command)) {
            Map<Integer, List<String>> truth = truth(target);
            Map<Integer, Long> before = switches(target.pid());
            ProcessDump dump = dump(target.pid());
            assertThat(switches(target.pid())).as("none has run").isEqualTo(before);
            assertThat(dump.python()).isEqualTo("3." + interpreter.part(1));
            Map<Integer, List<String>> seen = new LinkedHashMap<>();
            for (ThreadStack thread : dump.threads()) {
                assertThat(thread.complete()).as(thread.toString()).isTrue();
                assertThat(thread.source()).isEqualTo(StackSource.STANDING);
                seen.put(thread.tid(), calls(thread));
            }
            assertThat(seen.remove(target.pid())).startsWith("rest:" + lineOfRest());
            assertThat(seen).isEqualTo(truth);
        }
    }

    private static Map<Integer, List<String>> truth(TargetProgram target) {
        Map<Integer, List<String>> truth = new LinkedHashMap<>();
        for (String line = target.nextLine(); !line.equals("waiting"); line = target.nextLine()) {
            List<String> words = Arrays.asList(line.split(" ", -1));
            truth.put(Integer.parseInt(words.getFirst()), words.subList(1, words.size()));
        }
        return truth;
    }

    private static int lineOfRest() throws IOException {
        List<String> lines = Files.readAllLines(SCRIPTS.resolve("waiting.py"));
        return lines.indexOf("def rest():") + 3;
    }

    private static List<String> calls(ThreadStack thread) {
        List<String> calls = new ArrayList<>();
        for (Location frame : thread.frames()) {
            if (frame.kind() == Kind.PYTHON) {
                Call call = frame.innermost();
                calls.add(call.function() + ":" + call.line());
            }
        }
        return calls;
    }

    /** How often each thread has left a processor. */
    private static Map<Integer, Long> switches(int pid) throws IOException {
        Map<Integer, Long> switches = new LinkedHashMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                long sum = Files.readAllLines(thread.resolve("status")).stream()
                        .filter(line -> line.contains("ctxt_switches"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
                switches.put(Integer.parseInt(thread.getFileName().toString()), sum);
            }
        }
        return switches;
    }

    private static ProcessDump dump(int pid) throws Exception {
        Log log = new Log(new PrintStream(new ByteArrayOutputStream(), true));
        return new ThreadDump(List.of(pid), log).take().processes().getFirst();
    }
}
