package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bench.SyntheticProfile;
import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Browser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page of what differs between two profiles, in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DifferencePageIT {
    private static final String ROWS = "[...document.querySelectorAll('#functions tbody tr')].map(row =>"
            + " [...row.cells].slice(0, 2).map(cell => cell.textContent).join(' ') + ' ' + row.querySelector('.name').textContent)";

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

    private static StackCount stack(long count, String... outermostFirst) {
        List<Location> locations = List.of(outermostFirst).reversed().stream()
                .map(name -> new Location(Location.Kind.NATIVE, 0, null, new Call(name, "")))
                .toList();
        return new StackCount(0, 0, "", Cgroup.UNKNOWN, locations, WalkEnd.END_OF_STACK, false, count);
    }

    private static Profile profile(String name, Measure measure, StackCount... stacks) {
        RunAccount account = new RunAccount(List.of(name), "", "", List.of(), List.of(), List.of());
        return new Profile(
                Instant.EPOCH, 0, Duration.ofSeconds(1), measure, List.of(stacks), List.of("a comment"), account);
    }

    private void open(Profile before, Profile after) throws IOException {
        Path file = directory.resolve("difference.html");
        try (OutputStream out = Files.newOutputStream(file)) {
            DifferenceEncoder.of(Format.HTML).write(before, after, out);
        }
        browser.open(file);
    }

    private void openKnown(Measure measure) throws IOException {
        open(
                profile(
                        "old.pb.gz",
                        measure,
                        stack(600, "main", "same"),
                        stack(300, "main", "shrunk"),
                        stack(100, "main", "gone")),
                profile(
                        "new.pb.gz",
                        measure,
                        stack(1205, "main", "same"),
                        stack(200, "main", "shrunk"),
                        stack(595, "main", "new")));
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

    /** What is drawn near the top of a row, at a share of the width: red, green, blue. */
    private int[] colour(int row, double share) {
        String drawn = browser.evaluate(
                "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
        assertThat(drawn).isEqualTo("0");
        String rgb = browser.evaluate("(() => { const canvas = document.querySelector('canvas');"
                + " const scale = canvas.width / canvas.clientWidth;"
                + " const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});"
                + " copy.drawImage(canvas, 0, 0); return [...copy.getImageData(" + share + " * canvas.width, "
                + (20 * row + 3) + " * scale, 1, 1).data].slice(0, 3); })()");
        return Stream.of(rgb.replaceAll("[\\[\\]]", "").split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    @Test
    void functionsAreRankedByWhatHasChanged() throws Exception {
        openKnown(Measure.cpu(100));
        assertThat(text("of")).isEqualTo("\"old.pb.gz → new.pb.gz\"");
        assertThat(browser.evaluate(ROWS))
                .isEqualTo("[\"+29.8 % +29.8 % new\",\"−20.0 % −20.0 % shrunk\",\"−10.0 % −10.0 % gone\","
                        + "\"+0.25 % +0.25 % same\",\"+0.0 % +0.0 % main\"]");
        clickBox(2, 0.99);
        assertThat(text("name")).isEqualTo("\"shrunk\"");
        assertThat(text("numbers")).isEqualTo("\"30.0 % before, 10.0 % after: −20.0 %\"");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void redHasGrownBlueHasShrunkGreyMayBeChance() throws Exception {
        openKnown(Measure.cpu(100));
        int[] same = colour(2, 0.3);
        int[] grown = colour(2, 0.8);
        int[] shrunk = colour(2, 0.98);
        assertThat(grown[0]).isGreaterThan(grown[2] + 60);
        assertThat(shrunk[2]).isGreaterThan(shrunk[0] + 60);
        assertThat(Math.abs(same[0] - same[2])).isLessThan(20);
        assertThat(text("kinds")).contains("what chance may make");
        assertThat(browser.complaints()).isEmpty();
    }

    /** What is gone has no width until the profile before is drawn. */
    @Test
    void theOneBeforeCanBeDrawn() throws Exception {
        openKnown(Measure.cpu(100));
        browser.press("b");
        clickBox(2, 0.95);
        assertThat(text("name")).isEqualTo("\"gone\"");
        assertThat(text("numbers")).isEqualTo("\"10.0 % before, 0.0 % after: −10.0 %\"");
        browser.press("0");
        browser.press("b");
        clickBox(2, 0.8);
        assertThat(text("name")).isEqualTo("\"new\"");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void ofWeightsItIsNotKnownWhatIsChance() throws Exception {
        openKnown(Measure.weight("inuse_space", "bytes"));
        int[] same = colour(2, 0.3);
        assertThat(same[0]).isGreaterThan(same[2]);
        assertThat(text("kinds")).isEqualTo("\"more than beforelessas much\"");
        assertThat(text("taken")).isEqualTo("\"1.95 KiB inuse_space\"");
        assertThat(text("losses")).isEqualTo("\"\"");
        assertThat(text("account")).contains("a comment");
        assertThat(browser.complaints()).isEmpty();
    }

    /** Files of ours begin with the same comment. */
    @Test
    void filesAreCalledByTheirNames() throws Exception {
        for (String name : List.of("first.pb.gz", "second.pb.gz")) {
            var _ = new Export(Format.PPROF, ProfileFile.at(directory.resolve(name)), false)
                    .write(SyntheticProfile.of(50, 250));
        }
        Path page = directory.resolve("named.html");
        List<String> diff = Agent.command(
                "diff",
                directory.resolve("first.pb.gz").toString(),
                directory.resolve("second.pb.gz").toString(),
                "-o",
                page.toString());
        assertThat(new ProcessBuilder(diff).inheritIO().start().waitFor()).isZero();
        browser.open(page);
        assertThat(browser.evaluate("document.title")).isEqualTo("\"first.pb.gz → second.pb.gz – perf-agent\"");
    }
}
