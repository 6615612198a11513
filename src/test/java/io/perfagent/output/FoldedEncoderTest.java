package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Pprof;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldedEncoderTest {
    /** How flamegraph.pl takes a line apart. */
    private static final Pattern LINE = Pattern.compile("(.*)\\s+?(\\d+(?:\\.\\d*)?)");

    @TempDir
    Path directory;

    private static String folded(Profile profile) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Encoder.of(Format.FOLDED).write(profile, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String folded(StackCount... stacks) throws IOException {
        return folded(profile(stacks));
    }

    private static Profile profile(StackCount... stacks) {
        return new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(stacks), List.of("a comment"));
    }

    private static StackCount stack(int tid, String thread, long count, WalkEnd end, Location... locations) {
        return new StackCount(1, tid, thread, Cgroup.UNKNOWN, List.of(locations), end, false, count);
    }

    private static Location named(String function) {
        return new Location(Location.Kind.NATIVE, 1, null, new Call(function, ""));
    }

    @Test
    void aStackIsALineFromTheRootOn() throws Exception {
        String eval = "_PyEval_EvalFrameDefault";
        assertThat(folded(ProfileOf.known()).lines())
                .containsExactly(
                        "gunicorn;_start;" + eval + ";py::<module> app;" + eval + ";py::Server.handle;" + eval
                                + ";py::__init__;malloc 40",
                        "gunicorn;_start;" + eval + ";py::<module> app;" + eval
                                + ";py::f.<locals>.<lambda>;_ZNSt6vectorIiSaIiEE9push_backEOi 20",
                        "gunicorn;[cut: mapping without unwind table];" + eval + ";[libc.so.6+0x29000] 10",
                        "worker-1;_start;" + eval + ";py::<module> app;" + eval + ";py::Server.handle;" + eval
                                + ";py::__init__;vfs_read_[k] 30");
    }

    /** As difffolded.pl has it: what either lacks is 0. */
    @Test
    void twoProfilesAreTwoNumbers() throws Exception {
        Profile before = profile(
                stack(1, "t", 3, WalkEnd.END_OF_STACK, named("gone")),
                stack(2, "t", 4, WalkEnd.END_OF_STACK, named("leaf"), named("main")),
                stack(1, "t", 1, WalkEnd.END_OF_STACK, named("leaf"), named("main")));
        Profile after = profile(
                stack(1, "t", 7, WalkEnd.END_OF_STACK, named("leaf"), named("main")),
                stack(1, "t", 2, WalkEnd.END_OF_STACK, named("new")));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DifferenceEncoder.of(Format.FOLDED).write(before, after, out);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("t;gone 3 0", "t;main;leaf 5 7", "t;new 0 2");
    }

    /** Profiles of others may say nothing of threads. */
    @Test
    void withoutThreads() throws Exception {
        StackCount stack = new StackCount(
                0, 0, "", Cgroup.UNKNOWN, List.of(named("leaf"), named("main")), WalkEnd.END_OF_STACK, false, 5);
        assertThat(folded(stack)).isEqualTo("main;leaf 5\n");
    }

    /** Of other threads, processes and lines of a function, and at other addresses. */
    @Test
    void whatReadsTheSameIsOneLine() throws Exception {
        Location second = new Location(Location.Kind.PYTHON, 0, null, new Call("f", "a.py", 2, 1));
        Location third = new Location(Location.Kind.PYTHON, 0, null, new Call("f", "a.py", 3, 1));
        assertThat(folded(
                        stack(1, "worker", 3, WalkEnd.END_OF_STACK, second, ProfileOf.START),
                        stack(2, "other", 1, WalkEnd.END_OF_STACK, ProfileOf.START),
                        stack(3, "worker", 4, WalkEnd.END_OF_STACK, third, ProfileOf.START),
                        stack(4, "worker", 5, WalkEnd.END_OF_STACK, ProfileOf.START),
                        stack(5, "worker", 6, WalkEnd.NO_RULE, third, ProfileOf.START)))
                .isEqualTo("""
                        other;_start 1
                        worker;_start 5
                        worker;_start;py::f 7
                        worker;[cut: address without call-frame information];_start;py::f 6
                        """);
    }

    @Test
    void namesOfOthersMakeNoLinesAndNoFunctions() throws Exception {
        String text = folded(
                stack(
                        1,
                        "a;b\n",
                        2,
                        WalkEnd.END_OF_STACK,
                        named("Lcom/Shop;buy"),
                        named("f\r\n;evil 99\nx"),
                        named("f(int, long) 7")),
                stack(1, "", 1, WalkEnd.NO_USER_STACK));
        assertThat(text.lines())
                .containsExactly(
                        "[no name] 1", "a:b\uFFFD;f(int, long) 7;f\uFFFD\uFFFD:evil 99\uFFFDx;Lcom/Shop:buy 2");
    }

    @Test
    void whatIsInlinedIsInsideOfItsCaller() throws Exception {
        Location inlined = new Location(
                Location.Kind.KERNEL, 1, null, List.of(new Call("inner", ""), new Call("outer", "")), null);
        assertThat(folded(stack(1, "a", 1, WalkEnd.END_OF_STACK, inlined, named("main"))))
                .isEqualTo("a;main;outer_[k];inner_[k] 1\n");
    }

    @Test
    void nothingSampledIsAnEmptyFile() throws Exception {
        assertThat(folded()).isEmpty();
    }

    /** Two formats of one profile, read by what reads them. */
    @Test
    void functionsHaveTheSamplesThatPprofSees() throws Exception {
        TreeMap<String, Long> leaves = new TreeMap<>();
        for (String line : folded(ProfileOf.known()).lines().toList()) {
            Matcher parts = LINE.matcher(line);
            assertThat(parts.matches()).isTrue();
            String leaf = parts.group(1).substring(parts.group(1).lastIndexOf(';') + 1);
            leaves.merge(leaf.replace("_[k]", ""), Long.parseLong(parts.group(2)), Long::sum);
        }
        Path file = directory.resolve("same.pb.gz");
        try (var out = Files.newOutputStream(file)) {
            Encoder.of(Format.PPROF).write(ProfileOf.known(), out);
        }
        List<String> seen = new ArrayList<>();
        String top = Pprof.output("-top", "-symbolize=none", "-sample_index=samples", file.toString());
        Matcher row = Pattern.compile("(?m)^ +([1-9]\\d*) +\\S+% +\\S+% +\\d+ +\\S+% +(.+)$")
                .matcher(top);
        while (row.find()) {
            seen.add(row.group(2) + "=" + row.group(1));
        }
        assertThat(leaves.entrySet()).extracting(Object::toString).containsExactlyInAnyOrderElementsOf(seen);
    }
}
