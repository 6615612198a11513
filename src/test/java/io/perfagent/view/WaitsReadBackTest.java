package io.perfagent.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.model.BuildId;
import io.perfagent.model.Call;
import io.perfagent.model.CannotStartException;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Format;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Module;
import io.perfagent.model.Output;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.model.WalkEnd;
import io.perfagent.output.Export;
import io.perfagent.output.ProfileFile;
import io.perfagent.testing.Pprof;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a profile of waits says of each, when it is read again. */
class WaitsReadBackTest {
    private static final Module SHOP = new Module(0x400000, 0x500000, 0, "/srv/shop", new BuildId("feedface"));
    private static final Location MAIN = frame(0x400100, "main");
    private static final Location TAKES = python("takes", "/srv/shop.py", 12);
    private static final Location POSTS = python("posts", "/srv/shop.py", 88);

    @TempDir
    Path directory;

    private static Location frame(long address, String name) {
        return new Location(Location.Kind.NATIVE, address, SHOP, new Call(name, ""));
    }

    private static Location python(String name, String file, int line) {
        return new Location(Location.Kind.PYTHON, 0, null, new Call(name, file, line + 1, line));
    }

    private static StackCount waited(int tid, ThreadState state, long millis, @Nullable Waker waker) {
        GilHolder holder =
                state == ThreadState.GIL ? new GilHolder(GilUse.Holder.KNOWN, 4, python("owns", "/srv/a.py", 7)) : null;
        Descriptor descriptor = state == ThreadState.IO ? Descriptor.TCP : Descriptor.NONE;
        return new StackCount(
                10,
                tid,
                "thread " + tid,
                new Cgroup("/shop", "", ""),
                tid % 2 == 0 ? List.of(MAIN) : List.of(TAKES, MAIN),
                WalkEnd.END_OF_STACK,
                false,
                1_000_000 * millis,
                new long[0],
                new ThreadActivity(state, state == ThreadState.RUNNING ? 0 : tid, false, holder, waker, descriptor));
    }

    private static Waker thread(int tid, String name) {
        return new Waker(Waker.Kind.THREAD, 10, tid, name, List.of(POSTS, MAIN));
    }

    private Path written(Measure measure, String firstComment) throws Exception {
        List<StackCount> stacks = List.of(
                waited(1, ThreadState.IO, 40, thread(21, "poster")),
                waited(2, ThreadState.GIL, 25, Waker.of(Waker.Kind.UNKNOWN)),
                waited(3, ThreadState.LOCK, 15, thread(22, "interrupt")),
                waited(4, ThreadState.SLEEP, 10, Waker.of(Waker.Kind.INTERRUPT)),
                waited(5, ThreadState.POLL, 6, Waker.of(Waker.Kind.NOBODY)),
                waited(6, measure.equals(Measure.WALL) ? ThreadState.RUNNING : ThreadState.RUNQUEUE, 4, null));
        Profile profile = new Profile(
                Instant.parse("2026-02-03T04:05:06Z"),
                1,
                Duration.ofSeconds(1),
                measure,
                stacks,
                List.of(firstComment),
                RunAccount.NONE);
        Path file = directory.resolve("waits.pb.gz");
        var _ = new Export(Format.PPROF, ProfileFile.at(file), false).write(profile);
        return file;
    }

    private static String viewed(Path file, ViewRequest.Kind kind, List<Output> outputs, List<String> notes)
            throws CannotStartException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ViewRequest request = new ViewRequest(null, Sort.SELF, 0, false, kind, null, null, false, outputs);
        View.run(file.toString(), request, new PrintStream(bytes, true, StandardCharsets.UTF_8), notes::add);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private String folded(Path file) throws Exception {
        Path folded = directory.resolve("stacks.folded");
        List<Output> outputs = List.of(new Output(folded, Format.FOLDED, false));
        String _ = viewed(file, ViewRequest.Kind.TABLE, outputs, new ArrayList<>());
        return Files.readString(folded);
    }

    @Test
    void pairs() throws Exception {
        String text = viewed(
                written(Measure.OFF_CPU, "perf-agent 0.1.0"), ViewRequest.Kind.WAKERS, List.of(), new ArrayList<>());
        assertThat(text.lines().skip(2))
                .containsExactly(
                        "  waited  share %  who waited            woken by",
                        "55.00 ms   57.3 %  py::takes shop.py:12  py::posts shop.py:88",
                        "25.00 ms   26.0 %  main                  who is not known",
                        "10.00 ms   10.4 %  main                  an interrupt",
                        " 6.00 ms    6.3 %  py::takes shop.py:12  nobody yet");
    }

    @Test
    void withoutWakersItSaysHowToGetThem() throws Exception {
        Path file = directory.resolve("cpu.pb.gz");
        Profile cpu = new Profile(Instant.EPOCH, Duration.ofSeconds(1), 99, List.of(), List.of("perf-agent 0.1.0"));
        var _ = new Export(Format.PPROF, ProfileFile.at(file), false).write(cpu);
        assertThatThrownBy(() -> viewed(file, ViewRequest.Kind.WAKERS, List.of(), new ArrayList<>()))
                .hasMessageContaining("do not say who ended waits")
                .hasMessageContaining("--off-cpu --wakers");
    }

    @Test
    void writtenAgainPprofReadsTheSame() throws Exception {
        for (Measure measure : List.of(Measure.OFF_CPU, Measure.WALL)) {
            Path file = written(measure, "perf-agent 0.1.0");
            Path copy = directory.resolve("copy.pb.gz");
            List<String> notes = new ArrayList<>();
            String _ = viewed(file, ViewRequest.Kind.TABLE, List.of(new Output(copy, Format.PPROF, false)), notes);
            assertThat(notes).isEmpty();
            assertThat(raw(copy)).contains("waker_comm:[poster]").isEqualTo(raw(file));
        }
    }

    private static String raw(Path file) throws Exception {
        return Pprof.output("-raw", file.toString());
    }

    @Test
    void whatHasNoLabelsHasFrames() throws Exception {
        assertThat(folded(written(Measure.OFF_CPU, "perf-agent 0.1.0")))
                .contains("main;py::takes;[io];[tcp];[woken by poster];py::posts;main 40000000")
                .contains("main;[gil];[held by owns (a.py:8)];[woken by unknown] 25000000")
                .contains("main;[runqueue] 4000000");
        assertThat(viewed(
                        written(Measure.OFF_CPU, "perf-agent 0.1.0"),
                        ViewRequest.Kind.TREE,
                        List.of(),
                        new ArrayList<>()))
                .contains(" 40.0 %      [io] → [tcp]", " 25.0 %    [gil] → [held by owns (a.py:8)]");
    }

    /** Others may call theirs so, too. */
    @Test
    void aProfileOfOthersHasNoStates() throws Exception {
        assertThat(folded(written(Measure.WALL, "another 1.0")))
                .doesNotContain("[running]")
                .doesNotContain("[tcp]");
    }

    /** A wait is its waiter's. */
    @Test
    void functionsOfWakersTookNothing() throws Exception {
        String table = viewed(
                written(Measure.OFF_CPU, "perf-agent 0.1.0"), ViewRequest.Kind.TABLE, List.of(), new ArrayList<>());
        assertThat(table)
                .contains("61.00 ms  61.0 %   61.00 ms   61.0 %  py::takes")
                .doesNotContain("py::posts");
    }

    @Test
    void aDifferenceHasThem() throws Exception {
        Path file = written(Measure.OFF_CPU, "perf-agent 0.1.0");
        Path folded = directory.resolve("difference.folded");
        ViewRequest request = new ViewRequest(
                null,
                Sort.SELF,
                0,
                false,
                ViewRequest.Kind.TABLE,
                null,
                null,
                false,
                List.of(new Output(folded, Format.FOLDED, false)));
        Diff.run(file.toString(), file.toString(), request, System.out);
        assertThat(folded)
                .content()
                .contains("main;py::takes;[io];[tcp];[woken by poster];py::posts;main 40000000 40000000");
    }

    /** In a PID namespace others have no numbers; and functions may be called as anything. */
    @Test
    void aWakerOutsideAndAFunctionThatIsCalledAsOne() throws Exception {
        Location disguised = python("[woken by interrupt]", "/srv/shop.py", 5);
        Waker outside = new Waker(Waker.Kind.THREAD, 0, 0, "writer", List.of(frame(0x400200, "wakes")));
        StackCount first = waited(1, ThreadState.IO, 40, outside);
        StackCount second = waited(3, ThreadState.SLEEP, 10, null).withLocations(List.of(disguised, MAIN));
        Path file = directory.resolve("two.pb.gz");
        var _ = new Export(Format.PPROF, ProfileFile.at(file), false)
                .write(new Profile(
                        Instant.EPOCH,
                        1,
                        Duration.ofSeconds(1),
                        Measure.OFF_CPU,
                        List.of(first, second),
                        List.of("perf-agent 0.1.0"),
                        RunAccount.NONE));
        assertThat(viewed(file, ViewRequest.Kind.WAKERS, List.of(), new ArrayList<>()))
                .contains("100.0 %  py::takes shop.py:12  wakes");
        assertThat(folded(file))
                .contains("[tcp];[woken by writer];wakes 40000000")
                .contains("main;py::[woken by interrupt];[sleep] 10000000");
    }
}
