package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Format;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.testing.Browser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Formats of JSON, as a browser's parser reads them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JsonFormatsIT {
    private static final long START = 1_000_000_000_000L;
    private static final String HOSTILE = "\"},{\\\"\u2028\ud800</script>";

    /** What each sample of a thread has, outermost first, and when. */
    private static final String FIREFOX_STACKS = """
            (thread => { const {stackTable: s, frameTable: f, funcTable: c, stringArray: t, samples} = thread;
              return samples.stack.map((stack, at) => { const names = [];
                for (let i = stack; i !== null; i = s.prefix[i])
                  names.unshift(t[c.name[f.func[s.frame[i]]]] + (f.line[s.frame[i]] ? ':' + f.line[s.frame[i]] : ''));
                return samples.time[at] + ' ' + names.join('>'); }); })
            """;

    private Browser browser;

    @BeforeAll
    void start() throws Exception {
        browser = Browser.start(800, 600);
    }

    @AfterAll
    void end() throws IOException {
        browser.close();
    }

    private static byte[] written(Format format, Profile profile) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Encoder.of(format).write(profile, out);
        return out.toByteArray();
    }

    /** What a function of JavaScript makes of the file. */
    private String asked(byte[] json, String function) {
        return browser.evaluate("(" + function + ")(" + new String(json, StandardCharsets.US_ASCII) + ")");
    }

    private static byte[] unzipped(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    @Test
    void speedscope() throws Exception {
        byte[] json = written(Format.SPEEDSCOPE, ProfileOf.known());
        assertThat(asked(
                        json,
                        "file => [file.$schema, file.profiles.length, file.profiles[0].type, file.profiles[0].unit,"
                                + " file.profiles[0].endValue, file.profiles[0].weights]"))
                .isEqualTo(
                        "[\"https://www.speedscope.app/file-format-schema.json\",1,\"sampled\",\"nanoseconds\",1000000000,"
                                + "[400000000,300000000,200000000,100000000]]");
        assertThat(
                        asked(
                                json,
                                "file => file.profiles[0].samples.map(stack => stack.map(at => file.shared.frames[at].name).join('>'))"))
                .isEqualTo(
                        "[\"gunicorn>_start>_PyEval_EvalFrameDefault>py::<module> app>_PyEval_EvalFrameDefault"
                                + ">py::Server.handle>_PyEval_EvalFrameDefault>py::__init__>malloc\","
                                + "\"worker-1>_start>_PyEval_EvalFrameDefault>py::<module> app>_PyEval_EvalFrameDefault"
                                + ">py::Server.handle>_PyEval_EvalFrameDefault>py::__init__>vfs_read\","
                                + "\"gunicorn>_start>_PyEval_EvalFrameDefault>py::<module> app>_PyEval_EvalFrameDefault"
                                + ">py::f.<locals>.<lambda>>_ZNSt6vectorIiSaIiEE9push_backEOi\","
                                + "\"gunicorn>[cut: mapping without unwind table]>_PyEval_EvalFrameDefault>[libc.so.6+0x29000]\"]");
        assertThat(asked(
                        json,
                        "file => file.shared.frames.filter(frame => frame.name === 'py::__init__').map(f => f.file)"))
                .isEqualTo("[\"/srv/a.py\",\"/srv/b.py\"]");
    }

    /** Of a service whose samples have times. */
    private static Profile timed() {
        Location handle = python("handle", 7);
        Location render = python("render", 3);
        return new Profile(
                Instant.parse("2026-02-03T04:05:06.789Z"),
                START,
                Duration.ofSeconds(1),
                100,
                List.of(
                        stack(10, WalkEnd.END_OF_STACK, List.of(render, handle, ProfileOf.START), 30_000, 10_000),
                        stack(11, WalkEnd.END_OF_STACK, List.of(handle, ProfileOf.START), 25_000),
                        stack(10, WalkEnd.NO_RULE, List.of(handle), 40_000),
                        stack(10, WalkEnd.END_OF_STACK, List.of(handle, ProfileOf.START), 20_000)),
                List.of(),
                new RunAccount(
                        List.of("perf-agent"), "samples: 5", "complete", List.of("cut: 1"), List.of(), List.of()));
    }

    private static Location python(String name, int line) {
        return new Location(Location.Kind.PYTHON, 0, null, new Call(name, "/srv/app.py", line, 1));
    }

    private static StackCount stack(int tid, WalkEnd end, List<Location> locations, long... micros) {
        long[] times = new long[micros.length];
        for (int at = 0; at < times.length; at++) {
            times[at] = START + 1000 * micros[at];
        }
        return new StackCount(10, tid, "app", Cgroup.UNKNOWN, locations, end, false, times.length, times);
    }

    @Test
    void firefoxHasSamplesOnATimeLine() throws Exception {
        byte[] json = unzipped(written(Format.FIREFOX, timed()));
        assertThat(asked(json, "file => file.threads.map(" + FIREFOX_STACKS + ")"))
                .isEqualTo("[[\"10 _start>handle:7>render:3\",\"20 _start>handle:7\",\"30 _start>handle:7>render:3\","
                        + "\"40 [cut: address without call-frame information]>handle:7\"],[\"25 _start>handle:7\"]]");
        assertThat(asked(
                        json,
                        "file => [file.meta.startTime, file.meta.interval, file.meta.categories.length,"
                                + " file.threads.map(thread => thread.tid + ' ' + thread.isMainThread),"
                                + " file.meta.extra[0].entries.map(entry => entry.value)]"))
                .isEqualTo("[1770091506789,10,7,[\"10 true\",\"11 false\"],"
                        + "[\"perf-agent\",\"samples: 5\",\"complete\",\"cut: 1\",\"nothing\"]]");
        // Each column is as long as its table says.
        assertThat(
                        asked(
                                json,
                                "file => file.threads.flatMap(thread => Object.values(thread).filter(table =>"
                                        + " table?.length >= 0 && !Array.isArray(table) && typeof table === 'object').flatMap(table =>"
                                        + " Object.values(table).filter(column => Array.isArray(column) && column.length !== table.length)))"))
                .isEqualTo("[]");
    }

    @Test
    void namesOfOthersStayInTheirQuotes() throws Exception {
        Location hostile = new Location(Location.Kind.PYTHON, 0, null, new Call(HOSTILE, HOSTILE, 1, 1));
        StackCount stack = new StackCount(
                1,
                1,
                HOSTILE,
                new Cgroup(HOSTILE, "", ""),
                List.of(hostile),
                WalkEnd.END_OF_STACK,
                false,
                1,
                new long[] {1});
        Profile profile = new Profile(
                Instant.EPOCH,
                0,
                Duration.ofSeconds(1),
                100,
                List.of(stack),
                List.of(HOSTILE),
                new RunAccount(List.of(HOSTILE), HOSTILE, HOSTILE, List.of(HOSTILE), List.of(HOSTILE), List.of()));
        String shown = "\\\"},{\\\\\\\"\uFFFD\uFFFD</script>";
        assertThat(asked(
                        written(Format.SPEEDSCOPE, profile),
                        "file => [file.name, file.shared.frames.map(f => f.name)]"))
                .isEqualTo("[\"" + shown + "\",[\"" + shown + "\",\"py::" + shown + "\"]]");
        assertThat(asked(
                        unzipped(written(Format.FIREFOX, profile)),
                        "file => [file.threads[0].name, file.threads[0].stringArray]"))
                .isEqualTo("[\"" + shown + "\",[\"" + shown + "\"]]");
    }

    /** A profile of nothing is one, too. */
    @Test
    void nothingSampled() throws Exception {
        Profile nothing = new Profile(Instant.EPOCH, Duration.ofSeconds(1), 100, List.of(), List.of());
        assertThat(asked(written(Format.SPEEDSCOPE, nothing), "file => file.profiles[0].samples"))
                .isEqualTo("[]");
        assertThat(asked(unzipped(written(Format.FIREFOX, nothing)), "file => file.threads"))
                .isEqualTo("[]");
    }
}
