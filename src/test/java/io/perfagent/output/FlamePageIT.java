package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bench.SyntheticProfile;
import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Module;
import io.perfagent.model.PrintableName;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Browser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FlamePageIT {
    private static final String ROWS = "[...document.querySelectorAll('#functions tbody tr')].map(row =>"
            + " [...row.cells].slice(0, 2).map(cell => cell.textContent).join(' ') + ' ' + row.querySelector('.name').textContent)";

    private static final Pattern ROW = Pattern.compile("\"([0-9.]+) % ([0-9.]+) % ([^\"]+)\"");
    /** More than a list of successors holds. */
    private static final int CALLEES = 71;
    /** {@code make units} has more. */
    private static final int STACKS = Integer.getInteger("page.stacks", 1_000);

    private static final Offset<Double> ROUNDED = Offset.offset(0.051);

    @TempDir
    Path directory;

    private Browser browser;

    @BeforeAll
    void start() throws Exception {
        browser = Browser.start(1280, 800);
    }

    @AfterAll
    void end() throws IOException {
        browser.close();
    }

    private Path open(Profile profile) throws IOException {
        Path file = directory.resolve("page.html");
        try (OutputStream out = Files.newOutputStream(file)) {
            Encoder.of(Format.HTML).write(profile, out);
        }
        browser.open(file);
        return file;
    }

    private String text(String id) {
        return browser.evaluate("document.getElementById('" + id + "').textContent");
    }

    /** The box of a row, by the share of the canvas's width at which it is. */
    private void clickBox(int row, double share) {
        double left = number("document.querySelector('canvas').getBoundingClientRect().left");
        double top = number("document.querySelector('canvas').getBoundingClientRect().top");
        double width = number("document.querySelector('canvas').clientWidth");
        browser.click(left + share * width, top + 20 * row + 10);
    }

    private double number(String expression) {
        return Double.parseDouble(browser.evaluate(expression));
    }

    private static Profile withAccount(RunAccount account) {
        Profile known = ProfileOf.known();
        return new Profile(known.start(), 0, known.duration(), 100, known.stacks(), known.comments(), account);
    }

    /** Waits of an hour are more nanoseconds than 32 bits hold. */
    @Test
    void largeWeightsKeepTheirShares() throws Exception {
        long hour = Duration.ofHours(1).toNanos();
        List<StackCount> stacks =
                List.of(waits(ThreadState.SLEEP, 3 * hour, "naps"), waits(ThreadState.LOCK, hour, "wants_lock"));
        Profile profile =
                new Profile(Instant.EPOCH, 0, Duration.ofHours(4), Measure.OFF_CPU, stacks, List.of(), RunAccount.NONE);
        Path file = directory.resolve("waits.html");
        try (OutputStream out = Files.newOutputStream(file)) {
            new Export(Format.HTML, ProfileFile.at(file), false).encode(profile, out);
        }
        browser.open(file);
        assertThat(browser.evaluate(ROWS))
                .contains("75.0 % 75.0 % [sleep]", "25.0 % 25.0 % [lock]", "0.0 % 75.0 % naps");
        assertThat(browser.complaints()).isEmpty();
    }

    private static StackCount waits(ThreadState state, long nanos, String function) {
        Location location = new Location(Location.Kind.NATIVE, 1, null, new Call(function, ""));
        return new StackCount(
                1,
                1,
                "thread",
                Cgroup.UNKNOWN,
                List.of(location),
                WalkEnd.END_OF_STACK,
                false,
                nanos,
                new long[0],
                ThreadActivity.waiting(state, 1));
    }

    /** Looked at behind what a change of the size has done, and before what is done for the next frame. */
    @Test
    void noFrameIsEmptyWhileTheSizeChanges() throws Exception {
        open(ProfileOf.known());
        String empty = browser.evaluate("(async () => { let empty = 0; const canvas = document.querySelector('canvas');"
                + " const frame = () => new Promise(requestAnimationFrame);"
                + " for (let height = 300; height < 310; height++) {"
                + " document.getElementById('flames').style.height = height + 'px'; await frame(); await frame();"
                + " const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});"
                + " copy.drawImage(canvas, 0, 0); empty += copy.getImageData(canvas.width / 2, 3, 1, 1).data[3] === 0; }"
                + " return empty; })()");
        assertThat(empty).isEqualTo("0");
        assertThat(number("document.querySelector('canvas').clientHeight")).isBetween(295.0, 315.0);
    }

    @Test
    void theInterpreterIsHiddenUntilItIsAskedFor() throws Exception {
        open(ProfileOf.known());
        assertThat(browser.evaluate(ROWS))
                .isEqualTo(
                        "[\"40.0 % 40.0 % malloc\",\"30.0 % 30.0 % vfs_read\","
                                + "\"20.0 % 20.0 % _ZNSt6vectorIiSaIiEE9push_backEOi\",\"10.0 % 10.0 % [libc.so.6+0x29000]\","
                                + "\"0.0 % 90.0 % <module> app\",\"0.0 % 70.0 % Server.handle\",\"0.0 % 40.0 % __init__\","
                                + "\"0.0 % 30.0 % __init__\",\"0.0 % 20.0 % f.<locals>.<lambda>\",\"0.0 % 10.0 % _PyEval_EvalFrameDefault\"]");
        browser.press("f");
        assertThat(browser.evaluate(ROWS))
                .contains(
                        "\"0.0 % 100.0 % _PyEval_EvalFrameDefault\",\"0.0 % 90.0 % <module> app\",\"0.0 % 90.0 % _start\"");
        assertThat(browser.evaluate("document.getElementById('hide').ariaPressed"))
                .isEqualTo("\"false\"");
        assertThat(text("kinds")).isEqualTo("\"native 60.0 %kernel 30.0 %without a name 10.0 %\"");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aClickZooms() throws Exception {
        open(ProfileOf.known());
        clickBox(1, 0.2);
        assertThat(text("name")).isEqualTo("\"<module> app\"");
        assertThat(text("numbers")).isEqualTo("\"90 samples, 90.0 % of all; itself 0.0 %\"");
        clickBox(2, 0.99); // of the module's 90 samples the last 20
        assertThat(text("name")).isEqualTo("\"f.<locals>.<lambda>\"");
        assertThat(browser.evaluate(ROWS))
                .isEqualTo(
                        "[\"100.0 % 100.0 % _ZNSt6vectorIiSaIiEE9push_backEOi\",\"0.0 % 100.0 % f.<locals>.<lambda>\"]");
        browser.press("Backspace");
        assertThat(text("name")).isEqualTo("\"<module> app\"");
        browser.press("Escape");
        assertThat(text("name")).isEqualTo("\"all\"");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aSearchSaysItsShare() throws Exception {
        open(ProfileOf.known());
        browser.press("/");
        browser.type("^__init__$|vfs");
        assertThat(text("matched")).isEqualTo("\"70.0 % matched\"");
        browser.evaluate("document.getElementById('search').select()");
        browser.type("/srv/b");
        assertThat(text("matched")).isEqualTo("\"30.0 % matched\"");
        assertThat(browser.evaluate(ROWS)).isEqualTo("[\"0.0 % 30.0 % __init__\"]");
        browser.evaluate("document.getElementById('search').select()");
        browser.type("(");
        assertThat(text("matched")).isEqualTo("\"this is no regular expression\"");
        assertThat(browser.complaints()).isEmpty();
    }

    /** Sums of all that the table shows, for each way to make a tree of stacks: made by adding up here. */
    @Test
    void manyStacksHaveTheirSums() throws Exception {
        Profile profile = manyStacks();
        open(profile);
        expectSums(PythonFold.of(profile), "hidden");
        browser.press("f");
        expectSums(profile, "all");
        expectOneBoxForEachCallee(2 * profile.stacks().getFirst().count());
        for (String group : List.of("process", "thread")) {
            browser.press("g");
            expectSums(profile, "by " + group);
        }
        assertThat(browser.complaints()).isEmpty();
    }

    /** One caller of more functions than a list of successors holds, and stacks that differ everywhere. */
    private static Profile manyStacks() {
        Profile deep = SyntheticProfile.of(STACKS, 7 * STACKS);
        List<StackCount> stacks = new ArrayList<>(deep.stacks());
        StackCount first = stacks.getFirst();
        Location caller = first.locations().getLast();
        for (int round = 0; round < 2; round++) {
            for (int number = 0; number < CALLEES; number++) {
                Call at = new Call("callee_" + number, "callees.c", 10 + round, 10); // another line the second time
                Location callee = new Location(Location.Kind.NATIVE, 1, ProfileOf.LIBC, at);
                Location leaf = new Location(Location.Kind.NATIVE, 1, ProfileOf.LIBC, new Call("leaf_" + round, ""));
                stacks.add(first.withLocations(List.of(leaf, callee, caller)));
            }
        }
        return new Profile(deep.start(), 0, deep.duration(), 99, stacks, deep.comments(), deep.account());
    }

    /** They are beside the one function that most stacks go through. */
    private void expectOneBoxForEachCallee(long samples) {
        browser.press("ArrowDown");
        browser.press("ArrowDown");
        Set<String> callees = new HashSet<>();
        for (int sibling = 0; sibling < CALLEES; sibling++) {
            browser.press("ArrowRight");
            callees.add(text("name"));
            assertThat(text("numbers")).as(text("name")).startsWith("\"" + samples + " samples, ");
        }
        assertThat(callees).hasSize(CALLEES).allMatch(name -> name.startsWith("\"callee_"));
    }

    private void expectSums(Profile profile, String what) {
        Map<String, long[]> sums = new HashMap<>();
        long samples = 0;
        for (StackCount stack : profile.stacks()) {
            samples += stack.count();
            Set<String> names = new HashSet<>();
            stack.locations().forEach(location -> names.add(location.innermost().function()));
            for (String name : names) {
                sums.computeIfAbsent(name, _ -> new long[2])[1] += stack.count();
            }
            sums.get(stack.locations().getFirst().innermost().function())[0] += stack.count();
        }
        Matcher row = ROW.matcher(browser.evaluate(ROWS));
        int rows = 0;
        while (row.find()) {
            rows++;
            long[] sum = sums.get(row.group(3));
            assertThat(sum).as(what + ": " + row.group()).isNotNull();
            assertThat(Double.parseDouble(row.group(1)))
                    .as(what + ": " + row.group())
                    .isCloseTo(100.0 * sum[0] / samples, ROUNDED);
            assertThat(Double.parseDouble(row.group(2)))
                    .as(what + ": " + row.group())
                    .isCloseTo(100.0 * sum[1] / samples, ROUNDED);
        }
        assertThat(rows).as(what).isEqualTo(400);
    }

    @Test
    void stacksAreGroupedByProcessThreadAndContainer() throws Exception {
        open(ProfileOf.known());
        List<String> boxes = new ArrayList<>();
        for (int group = 0; group < 3; group++) {
            browser.press("g");
            clickBox(1, 0.01);
            boxes.add(text("name") + " " + text("numbers").replaceFirst(" samples.*", ""));
            browser.press("0");
        }
        assertThat(boxes)
                .containsExactly("\"gunicorn 10\" \"70", "\"gunicorn 10 (process 10)\" \"40", "\"no container\" \"70");
        browser.press("g");
        clickBox(1, 0.99); // a stack that is cut says so where its callers would be
        assertThat(text("name")).isEqualTo("\"[cut: mapping without unwind table]\"");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void theHeadTellsHowTheRunWent() throws Exception {
        open(withAccount(new RunAccount(
                List.of("perf-agent 0.1.0"),
                "samples: 100 taken, 3 dropped",
                "complete user stacks: 90.00 % (90 of 100)",
                List.of("dropped: 3 samples because the ring was full", "cut stacks: 10 mapping without unwind table"),
                List.of("switched on: 1", "stops of targets: 3"),
                List.of("walk: 1.0 ns per frame"))));
        assertThat(text("of")).isEqualTo("\"2 processes\"");
        assertThat(text("run"))
                .contains(
                        "samples: 100 taken, 3 dropped",
                        "90.00 % (90 of 100)",
                        "lost: dropped: 3 samples because the ring was full; cut stacks: 10 mapping")
                .contains("because the ring was full", "10 mapping without", "switched on: 1", "1.0 ns per frame");
        assertThat(text("stopped")).isEqualTo("\"stops of targets: 3\"");
        open(withAccount(
                new RunAccount(List.of(), "samples: 100 taken, 0 dropped", "", List.of(), List.of(), List.of())));
        assertThat(text("losses")).isEqualTo("\"lost: nothing\"");
        assertThat(text("stopped")).isEqualTo("\"stopped: nothing\"");
        assertThat(browser.complaints()).isEmpty();
    }

    private static final List<String> HOSTILE = List.of(
            "</script><script>window.broken = 1</script>",
            "</SCRIPT ><img src=x onerror=window.broken=1>",
            "\"'><svg/onload=window.broken=1>",
            "<!-- <script>",
            "{{script}}{{data}}${window.broken = 1}`",
            "a\u2028window.broken = 1\u2029",
            "\u202eevil\u2066\u200f",
            "nul\0nul\uFFFE",
            "lone \ud800 half \udc00",
            "javascript:window.broken=1",
            "__proto__",
            "constructor",
            "\u05d0\u05d1 \ud83d\ude00");

    /** In each place that takes a name. */
    @Test
    void noNameBreaksOut() throws Exception {
        List<StackCount> stacks = new ArrayList<>();
        for (String name : HOSTILE) {
            Location location = new Location(
                    Location.Kind.NATIVE, 1, new Module(0, 10, 0, name, null), new Call(name, name, name, 1, 1));
            stacks.add(new StackCount(
                    1,
                    1 + stacks.size(),
                    name,
                    new Cgroup(name, name, name),
                    List.of(location),
                    WalkEnd.NO_RULE,
                    false,
                    1));
        }
        Path file = open(new Profile(
                Instant.EPOCH,
                0,
                Duration.ofSeconds(1),
                1,
                stacks,
                HOSTILE,
                new RunAccount(HOSTILE, HOSTILE.get(0), HOSTILE.get(1), HOSTILE, HOSTILE, HOSTILE)));
        assertThat(Files.readString(file)).doesNotContain("broken").doesNotContain("\0", "\u2028");
        for (String key : List.of("g", "g", "g", "l", "f", "i", "d", "t", "t")) {
            browser.press(key);
        }
        clickBox(2, 0.5);
        browser.press("0");
        browser.moveTo(100, 400);
        List<String> shown = new ArrayList<>();
        for (String name : HOSTILE) {
            shown.add("\"" + json(PrintableName.whole(name)) + "\"");
        }
        assertThat(browser.evaluate("[...document.querySelectorAll('#functions .name')].map(name => name.textContent)"))
                .isEqualTo("[" + String.join(",", shown) + "]");
        assertThat(browser.evaluate("[window.broken ?? 'whole', document.scripts.length, document.images.length,"
                        + " document.querySelectorAll('svg').length, ({}).constructor === Object]"))
                .isEqualTo("[\"whole\",2,0,0,true]");
        assertThat(browser.complaints()).isEmpty();
    }

    private static String json(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** Were there a hole, nothing could go through it. */
    @Test
    void nothingElseMayRunOrBeLoaded() throws Exception {
        try (Browser other = Browser.start(1280, 800)) {
            Path file = open(ProfileOf.known());
            other.open(file);
            String tried = other.evaluate("(async () => { const add = (name, set) => { const made ="
                    + " document.createElement(name); set(made); document.body.append(made); };"
                    + " add('script', made => made.textContent = 'window.broken = 1');"
                    + " add('div', made => made.innerHTML = '<b onclick=\"window.broken = 1\">b</b>');"
                    + " document.querySelector('div > b').click();"
                    + " const loaded = await new Promise(done => add('img', made => { made.onload = () => done('loaded');"
                    + " made.onerror = () => done('refused');"
                    + " made.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='; }));"
                    + " const asked = await fetch('data:,x').then(() => 'answered', () => 'refused');"
                    + " return [window.broken ?? 'whole', loaded, asked]; })()");
            assertThat(tried).isEqualTo("[\"whole\",\"refused\",\"refused\"]");
            assertThat(other.complaints()).hasSizeGreaterThanOrEqualTo(4);
        }
    }
}
