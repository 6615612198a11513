package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Event;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.model.WalkEnd;
import io.perfagent.model.Written;
import io.perfagent.profile.Naming;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingLinesTest {
    private static final List<Written> FILE = written("app.pb.gz", Format.PPROF);
    private static final Location EVAL = nativeCode("_PyEval_EvalFrameDefault");

    @Test
    void aSampleCountsForItsInnermostPythonFunction() {
        var stacks = List.of(
                stack(60, EVAL, python("render", "/srv/shop.py"), EVAL, python("handle", "/srv/app.py")),
                stack(30, python("handle", "/srv/app.py"), EVAL),
                stack(10, EVAL));
        assertThat(new ClosingLines(Event.CPU_CLOCK, stacks).of(List.of("a", "b"), FILE))
                .containsExactly(
                        "hottest Python functions, by their own share of 100 samples:",
                        "  60.0 %  render (shop.py)",
                        "  30.0 %  handle (app.py)",
                        "lost: a; b",
                        "look at it: go tool pprof -http :8080 -show='^py::' app.pb.gz");
    }

    /** pprof would take a waker's outermost frame for the leaf. */
    @Test
    void pairsAreLookedAtByView() {
        ThreadActivity woken =
                new ThreadActivity(ThreadState.IO, 1, false, null, Waker.of(Waker.Kind.INTERRUPT), Descriptor.NONE);
        StackCount waited = new StackCount(
                1, 1, "a", Cgroup.UNKNOWN, List.of(EVAL), WalkEnd.END_OF_STACK, false, 2, new long[0], woken);
        assertThat(new ClosingLines(Event.OFF_CPU, List.of(waited)).of(List.of(), FILE))
                .endsWith("lost: nothing", "look at it: perf-agent view --wakers app.pb.gz");
    }

    @Test
    void withoutPythonFunctionsAllKindsCount() {
        assertThat(new ClosingLines(Event.CPU_CLOCK, List.of(stack(2, EVAL))).of(List.of(), FILE))
                .containsExactly(
                        "hottest functions, by their own share of 2 samples:",
                        " 100.0 %  _PyEval_EvalFrameDefault",
                        "lost: nothing",
                        "look at it: go tool pprof -http :8080 app.pb.gz");
    }

    @Test
    void eachFormatIsLookedAtInItsOwnWay() {
        List<Written> written = List.of(
                new Written(Path.of("-"), Format.PPROF),
                new Written(Path.of("my app.folded"), Format.FOLDED),
                new Written(Path.of("app.html"), Format.HTML),
                new Written(Path.of("a.speedscope.json"), Format.SPEEDSCOPE),
                new Written(Path.of("a.firefox.json.gz"), Format.FIREFOX),
                new Written(Path.of("perf.data"), Format.PERF),
                new Written(Path.of("app.pb.gz"), Format.PPROF));
        assertThat(new ClosingLines(Event.CPU_CLOCK, List.of(stack(2, EVAL))).of(List.of(), written))
                .endsWith(
                        "lost: nothing",
                        "look at it: flamegraph.pl 'my app.folded' > flames.svg, or on https://speedscope.app",
                        "look at it: app.html, in a browser",
                        "look at it: a.speedscope.json, on https://www.speedscope.app, which sends it nowhere",
                        "look at it: a.firefox.json.gz, on https://profiler.firefox.com, which sends it nowhere unless it is"
                                + " uploaded there",
                        "look at it: perf report -i perf.data",
                        "look at it: go tool pprof -http :8080 app.pb.gz");
    }

    @Test
    void fiveAreEnough() {
        List<StackCount> stacks = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            stacks.add(stack(i, python("f" + i, "/f.py")));
        }
        assertThat(new ClosingLines(Event.CPU_CLOCK, stacks).of(List.of(), FILE))
                .hasSize(8)
                .contains("  25.0 %  f7 (f.py)", "  10.7 %  f3 (f.py)")
                .noneMatch(line -> line.contains("f2"));
    }

    @Test
    void equalNamesOfTwoFilesAreTwo() {
        var stacks = List.of(stack(3, python("main", "/a.py")), stack(1, python("main", "/b.py")));
        assertThat(new ClosingLines(Event.CPU_CLOCK, stacks).of(List.of(), FILE))
                .contains("  75.0 %  main (a.py)", "  25.0 %  main (b.py)");
    }

    /** Methods of two classes; which line of them runs makes no difference. */
    @Test
    void equalNamesOfOneFileAreApartByTheirFirstLine() {
        var stacks = List.of(
                stack(2, python("__init__", "/cart.py", 12, 10)),
                stack(1, python("__init__", "/cart.py", 13, 10)),
                stack(1, python("__init__", "/cart.py", 31, 30)));
        assertThat(new ClosingLines(Event.CPU_CLOCK, stacks).of(List.of(), FILE))
                .contains("  75.0 %  __init__ (cart.py:10)", "  25.0 %  __init__ (cart.py:30)");
        assertThat(Naming.of(Event.CPU_CLOCK, stacks).pythonFunctions()).isEqualTo(2);
    }

    @Test
    void namesWithBlanksNeedNoQuotes() {
        Location made = nativeCode("[anon 0x7f2000000000]");
        Location cpp = nativeCode("operator new(unsigned long)");
        assertThat(new ClosingLines(Event.CPU_CLOCK, List.of(stack(3, made), stack(1, cpp))).of(List.of(), FILE))
                .contains("  75.0 %  [anon 0x7f2000000000]", "  25.0 %  operator new(unsigned long)");
    }

    @Test
    void namesOfOthersDriveNoTerminal() {
        var stacks = List.of(stack(1, python("\033[2J" + "x".repeat(5000), "/srv/\n.py")));
        assertThat(new ClosingLines(Event.CPU_CLOCK, stacks).of(List.of(), written("it's\n.gz", Format.PPROF)))
                .allMatch(line -> line.length() < 150 && line.chars().allMatch(c -> c >= ' '));
    }

    @Test
    void theFileIsOneWordOfAShell() {
        assertThat(Shell.word("/tmp/a-1.pb.gz")).isEqualTo("/tmp/a-1.pb.gz");
        assertThat(Shell.word("my file")).isEqualTo("'my file'");
        assertThat(Shell.word("it's $HOME")).isEqualTo("'it'\\''s $HOME'");
    }

    private static List<Written> written(String file, Format format) {
        return List.of(new Written(Path.of(file), format));
    }

    private static StackCount stack(long count, Location... locations) {
        return new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(locations), WalkEnd.END_OF_STACK, false, count);
    }

    private static Location nativeCode(String function) {
        return new Location(Location.Kind.NATIVE, 1, null, new Call(function, ""));
    }

    private static Location python(String function, String file) {
        return python(function, file, 0, 0);
    }

    private static Location python(String function, String file, int line, int startLine) {
        return new Location(Location.Kind.PYTHON, 1, null, new Call(function, file, line, startLine));
    }
}
