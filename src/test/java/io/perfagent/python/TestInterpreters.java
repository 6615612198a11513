package io.perfagent.python;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInfo;

/** The commands of the interpreters that a test runs over, 3.12 and newer. */
final class TestInterpreters {
    private TestInterpreters() {}

    /** Of every build, where a test is asked for with all of them. */
    static Stream<String> all(TestInfo test) {
        return commands(Interpreter.spread(Interpreter.all(), test));
    }

    /** Two are enough for what takes long: one that clears the trampoline's memory itself, and one that does not. */
    static Stream<String> some() {
        return commands(Interpreter.all()).limit(2);
    }

    /** Of {@link #oneOfEachMinor} one, in another test another. */
    static Stream<String> inTurn(TestInfo test) {
        return suitedInTurn(_ -> true, test);
    }

    /** The same of those that a test can run on. */
    static Stream<String> suitedInTurn(Predicate<String> suited, TestInfo test) {
        return Interpreter.inTurn(oneOfEachMinor().filter(suited).toList(), test).stream();
    }

    /** The same for a part of a test. */
    static Stream<String> inTurnFor(String part) {
        return Interpreter.inTurn(oneOfEachMinor().toList(), part).stream();
    }

    /** The newest build of each of 3.12, 3.13, … that the fork gate lets through. */
    static Stream<String> oneOfEachMinor() {
        Map<Integer, String> chosen = new TreeMap<>();
        for (Interpreter interpreter : unharmedByFork()) {
            chosen.put(interpreter.part(1), interpreter.command().toString());
        }
        return chosen.values().stream();
    }

    /** Those that no gate of the version stops. */
    static Stream<String> switchable(TestInfo test) {
        return commands(Interpreter.spread(unharmedByFork(), test));
    }

    static Stream<String> since313(TestInfo test) {
        return switchable(test).filter(python -> minor(python) >= 13);
    }

    private static List<Interpreter> unharmedByFork() {
        return Interpreter.all().stream()
                .filter(interpreter -> !ActivationGates.crashesOnFork(interpreter.part(1), interpreter.part(2)))
                .toList();
    }

    private static Stream<String> commands(List<Interpreter> interpreters) {
        return interpreters.stream().map(interpreter -> interpreter.command().toString());
    }

    static int minor(String python) {
        return version(python, "minor");
    }

    static int version(String python, String part) {
        try {
            return Integer.parseInt(Tool.output(python, "-c", "import sys; print(sys.version_info." + part + ")")
                    .strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static String first() {
        return Interpreter.all().getFirst().command().toString();
    }
}
