package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read by the real client, {@code go tool pprof}; without Go these tests fail. */
class PprofEncoderTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = write(ProfileOf.known());
    }

    private Path write(Profile profile) throws IOException {
        Path written = directory.resolve("profile.pb.gz");
        try (OutputStream out = Files.newOutputStream(written)) {
            PprofEncoder.write(profile, out);
        }
        return written;
    }

    private String pprof(String... options) throws IOException, InterruptedException {
        List<String> command = Pprof.command();
        command.addAll(Arrays.asList(options));
        command.add(file.toString());
        return Tool.output(command, directory);
    }

    /**
     * Older pprof prints 1.0s and 700.0ms where newer ones print 1s and 700ms, and shares of what has the label where newer ones print
     * shares of all.
     */
    private String tags() throws IOException, InterruptedException {
        return pprof("-tags").replaceAll("[ \\t]+", " ").replaceAll("\\.0(?=m?s\\b)", "");
    }

    @Test
    void topShowsNamesAsGivenAndTimeByDefault() throws Exception {
        String top = pprof("-top");
        assertThat(top)
                .contains("File: python3.12", "Type: cpu", "Duration: 30s, Total samples = 1000ms")
                .containsPattern("400ms 40\\.00% .* malloc\\n")
                .containsPattern("0 .* 900ms 90\\.00%  py::<module> app\\n")
                .containsPattern("0 .* 700ms 70\\.00%  py::Server\\.handle\\n")
                .containsPattern("20\\.00%  py::f\\.<locals>\\.<lambda>\\n")
                .containsPattern("10\\.00%  \\[libc\\.so\\.6\\+0x29000\\]\\n")
                .containsPattern("300ms 30\\.00% .* vfs_read\\n");
    }

    @Test
    void pprofDemanglesWhatIsMangled() throws Exception {
        assertThat(pprof("-top")).contains("std::vector::push_back").doesNotContain("_ZNSt");
    }

    @Test
    void nothingIsComplainedAbout() throws Exception {
        for (String view : List.of("-top", "-raw", "-traces", "-tags")) {
            assertThat(pprof(view))
                    .doesNotContainIgnoringCase("not available")
                    .doesNotContainIgnoringCase("fail")
                    .doesNotContainIgnoringCase("incomplete")
                    .doesNotContainIgnoringCase("error");
        }
    }

    @Test
    void samplesAreCountedToo() throws Exception {
        assertThat(pprof("-top", "-sample_index=samples"))
                .contains("Type: samples", "Total samples = 100")
                .containsPattern("40 40\\.00% .* malloc\\n");
    }

    @Test
    void equalNamesOfDifferentFilesStayTwo() throws Exception {
        assertThat(pprof("-top", "-filefunctions"))
                .containsPattern("400ms 40\\.00%  py::__init__ /srv/a\\.py\\n")
                .containsPattern("300ms 30\\.00%  py::__init__ /srv/b\\.py\\n");
    }

    @Test
    void tracesRunFromLeafToRoot() throws Exception {
        String expected = """
                400ms malloc
                 py::__init__
                 _PyEval_EvalFrameDefault
                 py::Server.handle
                 _PyEval_EvalFrameDefault
                 py::<module> app
                 _PyEval_EvalFrameDefault
                 _start
                """;
        assertThat(pprof("-traces").replaceAll("[ \\t]+", " ")).contains(expected);
    }

    @Test
    void peekShowsCallers() throws Exception {
        assertThat(pprof("-peek", "py::__init__"))
                .containsPattern("700ms   100% \\|   _PyEval_EvalFrameDefault")
                .containsPattern("400ms 57\\.14% \\|   malloc");
    }

    @Test
    void tagsCarryProcessAndThread() throws Exception {
        assertThat(tags())
                .contains("comm: Total 1s", "700ms (70.00%): gunicorn", "300ms (30.00%): worker-1")
                .contains("pid: Total 1s", "700ms (70.00%): 10", "300ms (30.00%): 12")
                .contains("tid: Total 1s", "400ms (40.00%): 10", "300ms (30.00%): 11");
        assertThat(pprof("-top", "-tagfocus=tid=11")).contains("vfs_read").doesNotContain("malloc");
    }

    @Test
    void tagsCarryTheContainer() throws Exception {
        assertThat(tags())
                .containsPattern("cgroup: Total 700ms.*\\n 700ms \\(( 100|70\\.00)%\\): /system.slice/shop.service\\n")
                .doesNotContain(": /kubepods/pod0125ec2f/c0ffee")
                .containsPattern("container_id: Total 300ms.*\\n 300ms \\(( 100|30\\.00)%\\): c0ffee\\n")
                .containsPattern(
                        "pod_uid: Total 300ms.*\\n 300ms \\(( 100|30\\.00)%\\): 0125ec2f-b64a-4868-8f5b-94b56cbab864\\n");
        assertThat(pprof("-top", "-tagfocus=container_id=^c0ff"))
                .contains("std::vector::push_back")
                .doesNotContain("malloc");
    }

    @Test
    void tagsSayWhatIsCut() throws Exception {
        assertThat(tags())
                .containsPattern("cut: Total 100ms.*\\n 100ms \\(( 100|10\\.00)%\\): mapping without unwind table\\n");
        assertThat(pprof("-top", "-tagignore=cut")).contains("Showing nodes accounting for 900ms");
    }

    @Test
    void mappingsSaySoMuchAsIsKnown() throws Exception {
        String raw = pprof("-raw");
        assertThat(raw)
                .contains("Comment: perf-agent 0.1.0", "Comment: tag service=shop", "Period: 10000000")
                .contains("samples/count cpu/nanoseconds[dflt]")
                .contains(
                        "1: 0x400000/0x500000/0x0 /opt/python/bin/python3.12 0123456789abcdef0123456789abcdef01234567")
                .contains("0x7f0000000000/0x7f0000200000/0x26000 /usr/lib/libc.so.6 feedface [FN]")
                .contains("0xffffffff81000000/0xffffffff82000000/0x0 [kernel.kallsyms]");
        assertThat(raw).containsPattern("0x7e0000000000 py::<module> app /srv/app\\.py:0(:0)? s=0");
        assertThat(Instant.parse("2026-02-03T04:05:06.789Z"))
                .isEqualTo(ProfileOf.known().start());
        assertThat(raw).contains("Time: 2026-02-03 04:05:06.789 +0000 UTC", "Duration: 30");
    }

    @Test
    void theSameAddressInTwoProcessesMayBeTwoFunctions() throws Exception {
        Profile known = ProfileOf.known();
        var frames = List.of(
                new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(ProfileOf.MODULE), WalkEnd.END_OF_STACK, false, 1),
                new StackCount(
                        2,
                        2,
                        "b",
                        Cgroup.UNKNOWN,
                        List.of(new Location(
                                Location.Kind.PYTHON,
                                ProfileOf.MODULE.address(),
                                null,
                                new Call("other", "/srv/other.py"))),
                        WalkEnd.END_OF_STACK,
                        false,
                        1));
        file = write(new Profile(known.start(), known.duration(), 100, frames, List.of()));
        assertThat(pprof("-top")).contains("py::<module> app", "py::other");
    }

    /** A filter for numbers: one for text keeps nothing, and says nothing. Neither are they scaled or given a unit. */
    @Test
    void processesAndThreadsAreNumbers() throws Exception {
        file = write(of(
                new StackCount(
                        13603, 1 << 21, "a", Cgroup.UNKNOWN, List.of(ProfileOf.MALLOC), WalkEnd.END_OF_STACK, false, 1),
                new StackCount(
                        13604, 13604, "a", Cgroup.UNKNOWN, List.of(ProfileOf.READ), WalkEnd.END_OF_STACK, false, 1)));
        assertThat(tags()).containsPattern("\\): 13603\\n").containsPattern("\\): 2097152\\n");
        assertThat(pprof("-top", "-tagfocus=pid=13603")).contains("malloc").doesNotContain("vfs_read");
        assertThat(pprof("-top", "-tagignore=pid=13603")).contains("vfs_read").doesNotContain("malloc");
    }

    @Test
    void aCgroupThatAllShareIsNoLabel() throws Exception {
        file = write(of(
                new StackCount(1, 1, "a", ProfileOf.SERVICE, List.of(ProfileOf.MALLOC), WalkEnd.END_OF_STACK, false, 1),
                new StackCount(2, 2, "b", ProfileOf.SERVICE, List.of(ProfileOf.READ), WalkEnd.END_OF_STACK, false, 1)));
        assertThat(tags()).contains("comm: ").doesNotContain("cgroup");
    }

    /** One function of all that the compiler made of it; the mangled ones too, whose suffix demanglers leave out. */
    @Test
    void clonesAreTheFunctionThatTheyWereMadeOf() throws Exception {
        file = write(of(
                leaf(3, clone(0x400300, "encode", "encode.constprop.0.isra.0")),
                leaf(2, clone(0x400400, "encode", "encode.part.0")),
                leaf(1, clone(0x400500, "encode", "encode")),
                leaf(4, clone(0x400600, "_ZN3foo3barEi.isra.0", "_ZN3foo3barEi.isra.0"))));
        assertThat(pprof("-top"))
                .containsPattern("60ms 60\\.00%.*  encode\\n")
                .containsPattern("40ms 40\\.00%.*  foo::bar\\n")
                .doesNotContain("isra", "part", "constprop");
        assertThat(pprof("-raw")).contains("encode", "s=0");
        assertThat(pprof("-dot")).contains("encode\\n").doesNotContain("isra");
    }

    @Test
    void codeWithoutANameOfItsOwnHasThatOfItsModule() throws Exception {
        file = write(of(
                leaf(5, python("<module>", "/srv/shop/orders.py")),
                leaf(4, python("<module>", "/srv/shop/__init__.py")),
                leaf(3, python("<module>", "/srv/shop/__main__.py")),
                leaf(2, python("<lambda>", "<frozen importlib._bootstrap>")),
                leaf(1, python("f.<locals>.<genexpr>", "/srv/shop/orders.py"))));
        String expected = """
                50ms py::<module> orders
                40ms py::<module> shop
                30ms py::<module> shop.__main__
                20ms py::<lambda> importlib._bootstrap
                10ms py::f.<locals>.<genexpr>
                """;
        String traces = pprof("-traces").replaceAll("[ \\t]+", " ");
        expected.lines().forEach(line -> assertThat(traces).contains(" " + line + "\n"));
        String top = pprof("-top", "-show=^py::");
        expected.lines()
                .map(line -> line.substring(5))
                .forEach(name -> assertThat(top).contains("  " + name + "\n"));
        assertThat(pprof("-peek", "py::<module> shop$")).contains("py::<module> shop");
    }

    private static Profile of(StackCount... stacks) {
        return new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(stacks), List.of());
    }

    private static StackCount leaf(long count, Location location) {
        return new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(location), WalkEnd.END_OF_STACK, false, count);
    }

    private static Location clone(long address, String function, String symbol) {
        return new Location(Location.Kind.NATIVE, address, ProfileOf.PYTHON, Call.ofSymbol(function, symbol));
    }

    private static Location python(String function, String file) {
        return new Location(Location.Kind.PYTHON, 1, null, new Call(function, file));
    }

    @Test
    void aProfileWithoutSamplesOpens() throws Exception {
        file = write(new Profile(Instant.EPOCH, Duration.ofSeconds(1), 99, List.of(), List.of("nothing seen")));
        assertThat(pprof("-raw")).contains("Comment: nothing seen");
    }

    @Test
    void aGraphCanBeDrawn() throws Exception {
        assertThat(pprof("-dot")).contains("digraph", "py::<module> app");
    }
}
