package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Format;
import io.perfagent.model.Output;
import io.perfagent.model.ProfileRequest;
import io.perfagent.model.PythonFrameMode;
import io.perfagent.model.UnwindMode;
import io.perfagent.report.Log;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.TerminalWindow;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code perf-agent top} in a terminal, on a program whose hot function is known: {@code leaf} of {@code chain.py}. */
class TopIT {
    private static final Path WORKLOAD =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath();
    /** Its own share, that with what it calls, and the line that it is at most of the time. */
    private static final Pattern LEAF = Pattern.compile("(?m)^ +([0-9.]+)% +([0-9.]+)%  leaf +\\S*chain\\.py:(\\d+)$");

    @TempDir
    private Path directory;

    private TargetProgram target;

    @BeforeEach
    void startTarget() throws Exception {
        String python = Interpreter.oneOfEachMinor().getLast().command().toString();
        target = TargetProgram.start(TargetProgram.PACED, List.of(python, WORKLOAD.toString()));
    }

    @AfterEach
    void stopTarget() throws Exception {
        target.close();
    }

    private TerminalWindow top(int columns, int lines, String... options) throws Exception {
        return TerminalWindow.open(directory, columns, lines, Map.of(), Agent.command(arguments(options)));
    }

    private String[] arguments(String... options) {
        List<String> arguments = new ArrayList<>(List.of("top", "--pid", Integer.toString(target.pid())));
        arguments.addAll(List.of(options));
        return arguments.toArray(String[]::new);
    }

    private static Predicate<String> contains(String text) {
        return screen -> screen.contains(text);
    }

    private static boolean showsLeaf(String screen) {
        return LEAF.matcher(screen).find();
    }

    /** In modules, as users have it: the terminal's library is one of its own. */
    @Test
    void whatRunsIsShownWithItsLine() throws Exception {
        try (TerminalWindow window = TerminalWindow.open(directory, 80, 24, Map.of(), Agent.asModule(arguments()))) {
            String screen = window.awaitText(TopIT::showsLeaf);
            Matcher leaf = LEAF.matcher(screen);
            assertThat(leaf.find()).isTrue();
            assertThat(Double.parseDouble(leaf.group(1))).as(screen).isGreaterThan(50);
            assertThat(lines("leaf")).as(screen).contains(Integer.parseInt(leaf.group(3)));
            assertThat(screen.lines().findFirst().orElseThrow())
                    .startsWith("perf-agent top: python")
                    .contains("(" + target.pid() + ")")
                    .endsWith(", 99 Hz");
            assertThat(window.isOnSecondScreen()).isTrue();
            window.press("q");
            assertLeft(window, "top ended");
        }
    }

    @Test
    void keys() throws Exception {
        try (TerminalWindow window = top(100, 30)) {
            window.awaitText(TopIT::showsLeaf);
            window.press("l");
            window.awaitText(screen -> screen.contains("  LINE") && showsLeaf(screen));
            window.press("t");
            window.awaitText(screen -> screen.contains("MOSTLY IN")
                    && Pattern.compile(target.pid() + " +" + target.pid() + "  .* leaf\n")
                            .matcher(screen)
                            .find());
            window.press("f", "s");
            String byTotal = window.awaitText(contains("TOTAL*"));
            assertThat(byTotal.lines()
                            .dropWhile(line -> !line.contains("TOTAL*"))
                            .skip(1)
                            .findFirst())
                    .as(byTotal)
                    .hasValueSatisfying(first -> assertThat(first).contains("100.0%  "));
            window.press("/", "m", "i", "d", "d");
            window.awaitText(contains("filter: midd_"));
            window.press("Enter");
            assertThat(window.awaitText(screen -> !screen.contains("filter:")))
                    .contains("middle")
                    .doesNotContain("handler", " leaf ");
            window.press("Escape");
            window.awaitText(contains("handler"));
            window.press("c");
            window.awaitText(contains("  FUNCTION"));
            window.press("i");
            window.awaitText(contains("Lost, cut or without a name in the last interval:"));
            window.press("x", "h");
            window.awaitText(contains("look back 10 s, a minute"));
            window.press("x", "p");
            String paused = window.awaitText(contains("paused, last "));
            window.press("C-l");
            assertThat(window.text()).isEqualTo(paused);
            String counted = paused.lines().skip(1).findFirst().orElseThrow();
            window.press("t");
            assertThat(window.awaitText(contains("MOSTLY IN"))).contains(counted);
            window.press("f");
            assertThat(window.awaitText(contains("FUNCTION"))).contains(counted);
            window.press("C-c");
            assertLeft(window, "top ended");
        }
    }

    /** Its answers would come as keys. */
    @Test
    void nothingIsAskedOfTheTerminal() throws Exception {
        Path written = directory.resolve("written");
        try (TerminalWindow window = top(80, 24)) {
            window.record(written);
            window.awaitText(TopIT::showsLeaf);
            window.press("q");
            assertLeft(window, "top ended");
        }
        assertThat(Files.readString(written))
                .contains("\033[?1049h", "\033[?1049l")
                .doesNotContain("\033[c", "$p", "\033[?u", "\033[6n", "\033]10;?");
    }

    @Test
    void whatIsShownBecomesAPage() throws Exception {
        try (TerminalWindow window = top(80, 24)) {
            window.awaitText(TopIT::showsLeaf);
            window.press("d");
            window.awaitText(contains("written: python"));
            window.press("q");
            assertLeft(window, "top ended");
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> pages =
                    files.filter(file -> file.toString().endsWith(".html")).toList();
            assertThat(pages).hasSize(1);
            assertThat(Files.readString(pages.getFirst())).startsWith("<!DOCTYPE html>");
        }
    }

    @Test
    void anotherSizeOfTheWindow() throws Exception {
        try (TerminalWindow window = top(80, 24)) {
            window.awaitText(TopIT::showsLeaf);
            window.resize(40, 10);
            window.awaitText(screen -> screen.lines().count() == 10
                    && screen.contains(" leaf ")
                    && screen.lines().allMatch(line -> line.length() <= 40));
            window.resize(200, 50);
            window.awaitText(screen -> showsLeaf(screen) && screen.contains(WORKLOAD + ":"));
            window.resize(12, 3);
            window.awaitText(screen -> screen.lines().count() == 3 && screen.contains("perf-agent "));
            window.resize(80, 24);
            window.awaitText(TopIT::showsLeaf);
            window.press("q");
            assertLeft(window, "top ended");
        }
    }

    @Test
    void aSignalGivesTheTerminalBack() throws Exception {
        try (TerminalWindow window = top(80, 24)) {
            window.awaitText(TopIT::showsLeaf);
            assertThat(window.command().destroy()).isTrue();
            assertLeft(window, "top ended");
        }
    }

    @Test
    void theEndOfTheTargetGivesItBack() throws Exception {
        try (TerminalWindow window = top(80, 24)) {
            window.awaitText(TopIT::showsLeaf);
            target.close();
            assertLeft(window, "the targets have ended");
        }
    }

    @Test
    void aFaultGivesItBack() throws Exception {
        List<String> command = Agent.java(Faulty.class.getName(), Integer.toString(target.pid()));
        try (TerminalWindow window = TerminalWindow.open(directory, 120, 40, Map.of(), command)) {
            window.awaitText(contains("reading samples failed"));
            window.awaitText(contains("left"));
            assertThat(window.isOnSecondScreen()).isFalse();
            assertThat(window.noted("after")).isEqualTo(window.noted("before"));
        }
    }

    /** A run whose thread that reads samples fails after some. */
    static final class Faulty {
        private static final int FAULT_AT = 100;

        public static void main(String[] args) throws Exception {
            ProfileRequest request = new ProfileRequest(
                    List.of(Integer.parseInt(args[0])),
                    false,
                    true,
                    ProfileRequest.WITHOUT_END,
                    999,
                    UnwindMode.AUTO,
                    PythonFrameMode.AUTO,
                    false,
                    false,
                    List.of(new Output(null, Format.HTML)),
                    List.of(),
                    Duration.ofMillis(250));
            AtomicInteger samples = new AtomicInteger();
            StopSignal stop = StopSignal.manual();
            HeldLines lines = new HeldLines(System.err);
            var _ = new ProfilingSession(
                            request,
                            stop,
                            new Log(new PrintStream(lines, true, StandardCharsets.UTF_8)),
                            (asked, targets, log) -> new LiveView(asked, targets, log, lines, stop),
                            sink -> (sample, copy) -> {
                                if (samples.incrementAndGet() > FAULT_AT) {
                                    throw new IllegalStateException("made by a test");
                                }
                                sink.accept(sample, copy);
                            })
                    .run();
        }
    }

    /** Nobody is left who could be shown anything; the run ends, and leaves nothing behind. */
    @Test
    void aTerminalThatGoesEndsTheRun() throws Exception {
        ProcessHandle run;
        try (TerminalWindow window = top(80, 24)) {
            window.awaitText(TopIT::showsLeaf);
            run = window.command();
        }
        assertThat(run.onExit().get(2, TimeUnit.MINUTES).isAlive()).isFalse();
    }

    @Test
    void aTerminalThatCanPlaceNoTextIsRefused() throws Exception {
        List<String> command = Agent.asModule("top", "--pid", Integer.toString(target.pid()));
        try (TerminalWindow window = TerminalWindow.open(directory, 200, 24, Map.of("TERM", "dumb"), command)) {
            String screen = window.awaitText(contains("left"));
            assertThat(screen)
                    .startsWith(
                            "perf-agent: top needs a terminal that can place text, and TERM is dumb: set it to what"
                                    + " the terminal is, TERM=xterm for most; perf-agent --pid N -d 10 -o app.html needs none\n");
            assertThat(window.noted("status")).isEqualTo("2");
        }
    }

    /** The terminal is as it was before. */
    private static void assertLeft(TerminalWindow window, String said) throws Exception {
        String screen = window.awaitText(text -> text.contains("left"));
        assertThat(screen).contains(said + " seconds=").doesNotContain("SELF");
        assertThat(window.isOnSecondScreen()).isFalse();
        assertThat(window.hasCursor()).isTrue();
        assertThat(window.noted("status")).isEqualTo("0");
        assertThat(window.noted("after")).isEqualTo(window.noted("before"));
    }

    /** Lines that a function may be on, as the comments of the workload say. */
    private static List<Integer> lines(String function) throws IOException {
        List<String> source = Files.readAllLines(WORKLOAD);
        return Stream.iterate(1, line -> line <= source.size(), line -> line + 1)
                .filter(line -> source.get(line - 1).endsWith("# line: " + function))
                .toList();
    }
}
