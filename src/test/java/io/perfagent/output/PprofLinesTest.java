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

/** Lines as {@code go tool pprof} shows them, over a source that is there. Frames that an interpreter keeps have no addresses. */
class PprofLinesTest {
    private static final String SOURCE = """
            def price(item):
                net = item * 3
                return net * 119 // 100


            def total(items):
                return sum(price(item) for item in items)


            while True:
                total(range(1000))
            """;

    @TempDir
    Path directory;

    private Path source;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        source = Files.writeString(directory.resolve("shop.py"), SOURCE);
        file = write(
                stack(40, price(2), generated(), total(), module(11)),
                stack(20, price(3), generated(), total(), module(11)),
                stack(10, ProfileOf.MALLOC, price(3), generated(), total(), module(11)),
                stack(5, module(10)));
    }

    private Path write(StackCount... stacks) throws IOException {
        Path written = directory.resolve("lines.pb.gz");
        try (OutputStream out = Files.newOutputStream(written)) {
            PprofEncoder.write(new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(stacks), List.of()), out);
        }
        return written;
    }

    private static StackCount stack(long count, Location... locations) {
        return new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(locations), WalkEnd.END_OF_STACK, false, count);
    }

    private Location price(int line) {
        return python("price", source.toString(), line, 1);
    }

    private Location generated() {
        return python("total.<locals>.<genexpr>", source.toString(), 7, 7);
    }

    private Location total() {
        return python("total", source.toString(), 7, 6);
    }

    private Location module(int line) {
        return python("<module>", source.toString(), line, 1);
    }

    private static Location python(String function, String file, int line, int startLine) {
        return new Location(Location.Kind.PYTHON, 0, null, new Call(function, file, line, startLine));
    }

    private String pprof(String... options) throws IOException, InterruptedException {
        List<String> command = Pprof.command();
        command.addAll(Arrays.asList(options));
        command.add(file.toString());
        return Tool.output(command, directory).replaceAll("[ \\t]+", " ").replaceAll("\\.0(?=m?s\\b)", "");
    }

    @Test
    void listShowsTimeOnTheLinesThatTookIt() throws Exception {
        assertThat(pprof("-list", "py::price$"))
                .contains("ROUTINE ======================== py::price in " + source)
                .contains(" . . 1:def price(item):\n")
                .contains(" 400ms 400ms 2: net = item * 3\n")
                .contains(" 200ms 300ms 3: return net * 119 // 100\n")
                .doesNotContain("unknown line");
        assertThat(pprof("-list", "py::<module>"))
                .contains(" . 700ms 11: total(range(1000))\n")
                .contains(" 50ms 50ms 10:while True:\n");
    }

    @Test
    void eachLineHasItsShare() throws Exception {
        assertThat(pprof("-top", "-lines"))
                .contains("400ms 53.33% 53.33% 400ms 53.33% py::price " + source + ":2\n")
                .contains("200ms 26.67% 80.00% 300ms 40.00% py::price " + source + ":3\n")
                .contains("100ms 13.33% 93.33% 100ms 13.33% malloc\n")
                .contains(" 0 0% 100% 700ms 93.33% py::total " + source + ":7\n");
        assertThat(pprof("-top"))
                .as("a function is one, whatever its lines")
                .contains("600ms 80.00% 80.00% 700ms 93.33% py::price\n")
                .contains("750ms 100% py::<module> shop\n");
    }

    @Test
    void tracesOfTwoLinesAreTwo() throws Exception {
        assertThat(pprof("-traces", "-lines"))
                .contains(" 400ms py::price " + source + ":2\n")
                .contains(" 200ms py::price " + source + ":3\n")
                .contains(" py::<module> shop " + source + ":11\n");
    }

    /** Places that have no address are apart by function and line; nobody looks for them in binaries. */
    @Test
    void withoutAddressesNothingIsMergedNorComplainedAbout() throws Exception {
        file = write(
                stack(2, price(2), module(11), ProfileOf.START),
                stack(1, price(3), module(11), ProfileOf.START),
                stack(4, price(2), module(11), ProfileOf.START));
        String raw = pprof("-raw");
        assertThat(raw)
                .containsOnlyOnce("py::price " + source + ":2:0 s=1")
                .containsOnlyOnce("py::price " + source + ":3:0 s=1")
                .containsOnlyOnce("py::<module> shop " + source + ":11:0 s=1");
        for (String view : List.of("-top", "-raw", "-traces", "-lines", "-dot", "-addresses")) {
            assertThat(pprof(view))
                    .doesNotContainIgnoringCase("not available")
                    .doesNotContainIgnoringCase("fail")
                    .doesNotContainIgnoringCase("incomplete")
                    .doesNotContainIgnoringCase("error");
        }
    }

    /** Methods of two classes, before names told them apart. */
    @Test
    void functionsOfOneNameAndFileAreApartByTheirFirstLine() throws Exception {
        file = write(
                stack(2, python("__init__", "shop/cart.py", 12, 10)),
                stack(1, python("__init__", "shop/cart.py", 32, 30)));
        assertThat(pprof("-raw")).contains("shop/cart.py:12:0 s=10").contains("shop/cart.py:32:0 s=30");
    }

    @Test
    void filesAreAsTheCodeNamesThem() throws Exception {
        file = write(
                stack(3, python("a", "./rel/a.py", 3, 1)),
                stack(2, python("b", "<string>", 2, 1)),
                stack(1, python("c", "<frozen os>", 1, 1)));
        assertThat(pprof("-raw"))
                .contains("py::a ./rel/a.py:3:0 s=1")
                .contains("py::b <string>:2:0 s=1")
                .contains("py::c <frozen os>:1:0 s=1");
    }

    /** What was inlined is listed before what it was inlined into; both are at one address. */
    @Test
    void aPlaceMayBeInSeveralFunctions() throws Exception {
        Location inlined = new Location(
                Location.Kind.NATIVE,
                0x7f0000001000L,
                ProfileOf.LIBC,
                List.of(new Call("inner", "/src/a.c", 5, 4), new Call("outer", "/src/a.c", 20, 10)),
                null);
        file = write(stack(3, inlined, module(11)));
        assertThat(pprof("-traces")).contains(" 30ms inner (inline)\n outer\n py::<module> shop\n");
        assertThat(pprof("-raw")).contains(" inner /src/a.c:5:0 s=4()\n outer /src/a.c:20:0 s=10()\n");
    }

    /** A trampoline has an address of its own, and the frame below it a line. */
    @Test
    void oneAddressMayHaveSeveralLines() throws Exception {
        Call second = new Call("price", source.toString(), 2, 1);
        Call third = new Call("price", source.toString(), 3, 1);
        file = write(
                stack(2, new Location(Location.Kind.PYTHON, 0x7e0000000000L, null, second)),
                stack(1, new Location(Location.Kind.PYTHON, 0x7e0000000000L, null, third)));
        assertThat(pprof("-list", "py::price$"))
                .contains(" 20ms 20ms 2: net = item * 3\n")
                .contains(" 10ms 10ms 3: return net * 119 // 100\n");
    }
}
