package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.KernelCall;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.StackSource;
import io.perfagent.model.ThreadStack;
import io.perfagent.report.Log;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that wait, in places that are known: all of them are shown, where they are, and none runs meanwhile. */
class DumpIT {
    private static final Path NATIVE = Path.of("target", "workloads").toAbsolutePath();
    private static final Path SCRIPTS = Path.of("src", "test", "workloads").toAbsolutePath();

    private static final int MOST_MILLIS = 30_000;

    /** The newest that py-spy reads. */
    private static final int NEWEST_OF_PY_SPY = 14;

    private static final Path PY_SPY =
            Path.of("target", "interpreters", "py-spy", "bin", "py-spy").toAbsolutePath();
    private static final Pattern THREAD_OR_FRAME = Pattern.compile(
            "\"os_thread_id\": (\\d+)|\"name\": \"([^\"]*)\",\\s+\"filename\": .*?\"line\": (\\d+)", Pattern.DOTALL);

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
            assertThat(dump.threads().stream().map(thread -> call(thread).name()))
                    .containsExactly("futex", "futex", "futex", "pause");
            assertThat(dump.threads().stream()
                            .limit(3)
                            .map(thread -> call(thread).subject()))
                    .allMatch(address -> address.startsWith("0x"));
        }
    }

    private static KernelCall call(ThreadStack thread) {
        return Objects.requireNonNull(thread.call());
    }

    /** Whatever moment that is, it is a dump, or the process is not there. Where dumps take long, some processes live for longer. */
    @Test
    void processesThatEndMeanwhile() throws Exception {
        int dumps = 0;
        for (int millis = 0;
                millis < 1000 || (dumps == 0 && millis < MOST_MILLIS);
                millis += Math.max(50, millis / 10)) {
            Process target = new ProcessBuilder("sleep", String.format(Locale.ROOT, "%.3f", millis / 1000.0)).start();
            try {
                ProcessDump dump = dump((int) target.pid());
                boolean whole = dump.threads().stream().allMatch(ThreadStack::complete);
                dumps += whole && !dump.threads().isEmpty() ? 1 : 0;
            } catch (CannotStartException e) {
                assertThat(e).hasMessageContaining(Long.toString(target.pid()));
            }
            target.waitFor();
        }
        assertThat(dumps).isPositive();
    }

    /** Functions of the program itself, innermost first. */
    private static String own(ThreadStack thread) {
        return thread.frames().stream()
                .filter(frame -> frame.module() != null && frame.module().path().endsWith("/locked"))
                .map(frame -> frame.innermost().function())
                .collect(Collectors.joining(" "));
    }

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.everyOne() ? Interpreter.readable() : Interpreter.inTurn(Interpreter.oneOfEachMinor(), test);
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
            assertThat(dump.gilHolders()).as("all have released it").isEmpty();
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

    /** By its function, for its code could be any class's. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.perfagent.agent.GeneratedCodeIT#interpreters")
    void codeThatWasMadeOutOfTextSaysWhoseItIs(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(),
                SCRIPTS.resolve("generated.py").toString(),
                "wait");
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            awaitPause(target.pid());
            String init = interpreter.part(1) >= 11 ? "bank.models.Order.__init__:" : "__init__:";
            ThreadStack thread = dump(target.pid()).threads().getFirst();
            assertThat(calls(thread)).anySatisfy(call -> assertThat(call).startsWith(init));
            assertThat(calls(thread)).noneMatch(call -> call.contains("<locals>"));
        }
    }

    /** Each minor version that it reads; in the short form one with a frame for each call, and one with shims. */
    static List<Interpreter> ofPySpy() {
        return Interpreter.oneOfEachMinor().stream()
                .filter(interpreter -> interpreter.part(1) <= NEWEST_OF_PY_SPY)
                .filter(interpreter -> Interpreter.everyOne() || interpreter.part(1) == 9 || interpreter.part(1) == 12)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofPySpy")
    void pySpySeesTheSame(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), SCRIPTS.resolve("waiting.py").toString(), "1");
        try (TargetProgram target = TargetProgram.start(interpreter.withGreenlet(), command)) {
            int threads = truth(target).size() + 1;
            Map<Integer, List<String>> seen = new LinkedHashMap<>();
            for (ThreadStack thread : dump(target.pid()).threads()) {
                seen.put(
                        thread.tid(),
                        calls(thread).stream()
                                .map(call -> call.substring(call.lastIndexOf('.') + 1))
                                .toList());
            }
            assertThat(seen).hasSize(threads).isEqualTo(pySpy(target.pid()));
        }
    }

    /** Functions without what they are part of, which it leaves out in some versions. */
    private static Map<Integer, List<String>> pySpy(int pid) throws Exception {
        String dump = Tool.output(PY_SPY.toString(), "dump", "--json", "--pid", Integer.toString(pid));
        Map<Integer, List<String>> threads = new LinkedHashMap<>();
        List<String> frames = List.of();
        for (Matcher found = THREAD_OR_FRAME.matcher(dump); found.find(); ) {
            if (found.group(1) != null) {
                frames = new ArrayList<>();
                threads.put(Integer.parseInt(found.group(1)), frames);
            } else {
                String function = found.group(2);
                boolean checksInit =
                        function.equals("__init__") && found.group(3).equals("0");
                if (!checksInit) { // a frame that Python does not show
                    frames.add(function.substring(function.lastIndexOf('.') + 1) + ":" + found.group(3));
                }
            }
        }
        return threads;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void whoHasTheGilAndWhoWaitsForIt(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), SCRIPTS.resolve("gil.py").toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            awaitPause(target.pid());
            ProcessDump dump = whole(target.pid());
            assertThat(dump.gilHolders()).containsExactly(target.pid());
            assertThat(dump.threads()).hasSize(4).allMatch(ThreadStack::complete);
            ThreadStack main = dump.threads().getFirst();
            assertThat(calls(main).getFirst()).startsWith("holds:");
            assertThat(main.waitsForGil()).isFalse();
            for (ThreadStack other : dump.threads().subList(1, 4)) {
                assertThat(calls(other).getFirst()).startsWith("works:");
                assertThat(other.waitsForGil() || !hasSymbols(other))
                        .as(other.toString())
                        .isTrue();
            }
        }
    }

    /** Debian's interpreters have exported names only. */
    private static boolean hasSymbols(ThreadStack thread) {
        return thread.frames().stream().noneMatch(frame -> frame.kind() == Kind.UNNAMED);
    }

    private static void awaitPause(int pid) throws Exception {
        while (!Files.readString(Path.of("/proc/" + pid + "/syscall")).startsWith("34 ")) {
            Thread.sleep(10);
        }
    }

    /** Each has a sample, or is met when another has its processor. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("interpreters")
    void threadsThatRun(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), SCRIPTS.resolve("chain.py").toString());
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            for (int number = 0; number < 3; number++) {
                ThreadStack thread = dump(target.pid()).threads().getFirst();
                assertThat(thread.complete()).as(thread.toString()).isTrue();
                List<String> functions = calls(thread).stream()
                        .map(call -> call.substring(0, call.indexOf(':')))
                        .filter(function -> !function.equals("is_set")) // asked between two rounds
                        .toList();
                assertThat(List.of("leaf", "middle", "handler", "run", "<module>"))
                        .endsWith(functions.toArray(String[]::new));
            }
        }
    }

    /** What is shown of a thread was so at one moment: none of these chains is ever half of each. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("ofPySpy")
    void threadsThatHardlyEverWait(Interpreter interpreter) throws Exception {
        List<String> command = List.of(
                interpreter.command().toString(), SCRIPTS.resolve("hopping.py").toString());
        int standing = 0;
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            for (int number = 0; number < 5; number++) {
                for (ThreadStack thread : dump(target.pid()).threads()) {
                    if (thread.source().reason().isEmpty()) {
                        assertThat(thread.complete()).as(thread.toString()).isTrue();
                        assertThat(String.join(" ", calls(thread)))
                                .matches(
                                        "((left:\\d+ )+|(right:\\d+ )+)?(\\S*work:\\d+ .*_bootstrap:\\d+|<module>:\\d+)");
                        standing += thread.source() == StackSource.STANDING ? 1 : 0;
                    }
                }
            }
        }
        System.out.println("dumps of threads that hop: " + standing + " of 65 stacks read while they stood");
        assertThat(standing).isGreaterThan(15);
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

    /** Threads that wait by short naps may run at each look: they are asked for a few times. */
    private static ProcessDump whole(int pid) throws Exception {
        ProcessDump dump = dump(pid);
        for (int more = 0; more < 5 && !dump.threads().stream().allMatch(ThreadStack::complete); more++) {
            dump = dump(pid);
        }
        return dump;
    }

    private static ProcessDump dump(int pid) throws Exception {
        Log log = new Log(new PrintStream(new ByteArrayOutputStream(), true));
        return new ThreadDump(List.of(pid), log).take().processes().getFirst();
    }
}
