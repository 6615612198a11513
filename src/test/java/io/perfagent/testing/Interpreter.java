package io.perfagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.TestInfo;

/**
 * A CPython of {@code target/interpreters/list}, or {@code older/list} there, which {@code scripts/test-interpreters} writes.
 *
 * @param name of the build, unique
 * @param version as in {@code 3.13.0}
 * @param linkage {@code shared} or {@code static}
 * @param command that starts it
 */
public record Interpreter(String name, String version, String linkage, Path command) {
    private static final Path HOME = Path.of("target", "interpreters");
    private static final Set<String> FORK_UNSAFE = Set.of("3.12.0", "3.13.12", "3.13.13", "3.14.3", "3.14.4", "3.14.5");

    /** All whose trampolines can be switched, 3.12 and newer, at least one. */
    public static List<Interpreter> all() {
        return listed(HOME.resolve("list"));
    }

    /** All whose frames can be read: the older ones as well, from 3.6 on where the machine has it. */
    public static List<Interpreter> readable() {
        List<Interpreter> readable =
                new ArrayList<>(listed(HOME.resolve("older").resolve("list")));
        readable.addAll(all());
        return readable;
    }

    /** Of these one of each 3.6, 3.7, …, the newest; of two that are equally new the one that the machine brought. */
    public static List<Interpreter> oneOfEachMinor() {
        Map<Integer, Interpreter> chosen = new TreeMap<>();
        for (Interpreter interpreter : oneOfEach(readable(), Interpreter::version)) {
            chosen.merge(interpreter.part(1), interpreter, (a, b) -> a.part(2) >= b.part(2) ? a : b);
        }
        return List.copyOf(chosen.values());
    }

    private static List<Interpreter> listed(Path list) {
        try {
            List<Interpreter> all = new ArrayList<>();
            for (String line : Files.readAllLines(list)) {
                String[] fields = line.split("\t", -1);
                all.add(new Interpreter(fields[0], fields[1], fields[2], Path.of(fields[3])));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException("run scripts/test-interpreters first", e);
        }
    }

    /** One of each version; of two, the one that the machine brought rather than the one that was fetched. */
    public static List<Interpreter> oneOfEachVersion() {
        return oneOfEach(all(), Interpreter::version);
    }

    /** One of each version and linkage, chosen likewise. */
    public static List<Interpreter> oneOfEachBuild() {
        return oneOfEach(all(), interpreter -> interpreter.version() + interpreter.linkage());
    }

    /** The same for the test that asks. */
    public static List<Interpreter> spread(List<Interpreter> builds, TestInfo test) {
        return spread(builds, name(test));
    }

    /**
     * Those that a test runs over: of {@code builds} one, in another test another, so that each has its turn; one of each 3.6, 3.7, … where
     * the system property {@code interpreters} is {@code minors}, and all of {@code builds} where it is {@code all}.
     *
     * @param test its name
     */
    public static List<Interpreter> spread(List<Interpreter> builds, String test) {
        return inTurn(turns(builds, test), test);
    }

    /** Of each 3.6, 3.7, … one, in another test another; all where {@code interpreters} is {@code all}. */
    public static List<Interpreter> turns(List<Interpreter> builds, String test) {
        if (everyOne()) {
            return builds;
        }
        Map<Integer, List<Interpreter>> minors = new TreeMap<>();
        builds.forEach(build ->
                minors.computeIfAbsent(build.part(1), _ -> new ArrayList<>()).add(build));
        return minors.values().stream()
                .map(same -> same.get(Math.floorMod(test.hashCode(), same.size())))
                .toList();
    }

    /** One of each 3.6, 3.7, …, in another test another; all where {@code interpreters} is {@code all}. */
    public static List<Interpreter> turns(List<Interpreter> builds, TestInfo test) {
        return turns(builds, name(test));
    }

    /** The same for the test that asks. */
    public static <T> List<T> inTurn(List<T> minors, TestInfo test) {
        return inTurn(minors, name(test));
    }

    /**
     * One, in another test another, so that each has its turn; all of them where the system property {@code interpreters} is {@code
     * minors} or {@code all}.
     *
     * @param minors of each minor version one, the oldest first
     * @param test its name
     */
    public static <T> List<T> inTurn(List<T> minors, String test) {
        return everyMinor() || minors.isEmpty()
                ? minors
                : List.of(
                        minors.get(Math.floorMod(Integer.rotateLeft(test.hashCode() * 0x9e3779b9, 16), minors.size())));
    }

    private static String name(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }

    /** Whether the system property {@code interpreters} asks for all builds, and so for the long form of a suite. */
    public static boolean everyOne() {
        return "all".equals(System.getProperty("interpreters"));
    }

    /** Whether it asks for each minor version at least. */
    public static boolean everyMinor() {
        return everyOne() || "minors".equals(System.getProperty("interpreters"));
    }

    /** Of the version: 1 is 13 of 3.13.5, and 2 is 5. */
    public int part(int index) {
        return Integer.parseInt(version.split("\\.", -1)[index]);
    }

    /** Whether it crashes in a child that it forks while the trampoline is on, so that it is refused (CPython gh-142927 and what led to it). */
    public boolean crashesOnFork() {
        return FORK_UNSAFE.contains(version);
    }

    /** Whether a debugger may ask its threads to run a script (PEP 768): from 3.14 on. */
    public boolean takesRequests() {
        return part(1) >= 14;
    }

    /** The words that run a script with its trampoline on. */
    public List<String> named(Path script, String... arguments) {
        List<String> words = new ArrayList<>(List.of(command.toString(), "-X", "perf", script.toString()));
        words.addAll(List.of(arguments));
        return words;
    }

    /** What it needs in its environment to import greenlet, where it can. */
    public Map<String, String> withGreenlet() {
        Path own = HOME.resolve("greenlet").resolve("3." + part(1));
        Path debian = HOME.resolve("debian-sid/root/usr/lib/python3/dist-packages");
        return Map.of(
                "PYTHONPATH",
                (Files.exists(own) ? own : debian).toAbsolutePath().toString());
    }

    private static List<Interpreter> oneOfEach(List<Interpreter> all, Function<Interpreter, String> property) {
        List<Interpreter> own = new ArrayList<>(all);
        own.removeIf(interpreter -> !interpreter.name().startsWith("pyenv"));
        Map<String, Interpreter> chosen = new LinkedHashMap<>();
        for (Interpreter interpreter : own) {
            chosen.put(property.apply(interpreter), interpreter);
        }
        for (Interpreter interpreter : all) {
            chosen.putIfAbsent(property.apply(interpreter), interpreter);
        }
        return List.copyOf(chosen.values());
    }

    @Override
    public String toString() {
        return name + " " + version + " " + linkage;
    }
}
