package io.perfagent.output;

import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * Encodes a profile as the Firefox Profiler reads it: its "processed" format, of which it brings each version up to date by itself, gzip over JSON.
 *
 * <p>Threads are written one after the other, each with tables of its own ({@link FirefoxThread}): memory is needed for one. Samples are at the times
 * at which they were taken. Python functions are what the viewer calls JavaScript, so that its choice of stacks can show them alone.
 */
final class FirefoxEncoder {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int FORMAT_VERSION = 48;
    private static final int GECKO_VERSION = 24;
    private static final int BUFFER_BYTES = 1 << 16;
    /** Of the viewer, in the order of {@link CodeKind}. */
    private static final List<String> COLOURS =
            List.of("yellow", "purple", "green", "red", "lightgreen", "grey", "blue");

    private final Profile profile;
    private final JsonStream json;

    private FirefoxEncoder(Profile profile, OutputStream out) {
        this.profile = profile;
        this.json = new JsonStream(out);
    }

    static void write(Profile profile, OutputStream out) throws IOException {
        GZIPOutputStream compressed = new GZIPOutputStream(out, BUFFER_BYTES);
        new FirefoxEncoder(profile, compressed).write();
        compressed.finish();
    }

    private void write() throws IOException {
        json.open('{').name("meta").open('{');
        writeMeta(profile.account());
        json.close('}')
                .name("libs")
                .open('[')
                .close(']')
                .name("pages")
                .open('[')
                .close(']');
        json.name("threads").open('[');
        List<StackCount> stacks = new ArrayList<>(profile.stacks());
        stacks.sort(Comparator.comparingInt(StackCount::pid).thenComparingInt(StackCount::tid));
        for (int from = 0; from < stacks.size(); ) {
            int to = endOfThread(stacks, from);
            new FirefoxThread(profile, stacks.subList(from, to)).write(json);
            from = to;
        }
        json.close(']').close('}');
        json.flush();
    }

    private static int endOfThread(List<StackCount> stacks, int from) {
        StackCount first = stacks.get(from);
        int to = from;
        while (to < stacks.size()
                && stacks.get(to).pid() == first.pid()
                && stacks.get(to).tid() == first.tid()) {
            to++;
        }
        return to;
    }

    /** Between two samples, milliseconds; what is no clock has none, but the reader wants a number. */
    private double interval() {
        return profile.measure().rate() > 0 ? profile.measure().period() / NANOS_PER_MILLI : 1;
    }

    private void writeMeta(RunAccount account) throws IOException {
        json.name("preprocessedProfileVersion")
                .value(FORMAT_VERSION)
                .name("version")
                .value(GECKO_VERSION);
        json.name("product")
                .value("perf-agent")
                .name("processType")
                .value(0)
                .name("stackwalk")
                .value(1);
        json.name("interval").raw(Double.toString(interval()));
        json.name("startTime").value(profile.start().toEpochMilli());
        json.name("profilingStartTime").value(0);
        json.name("profilingEndTime").value(profile.duration().toMillis());
        json.name("symbolicated").value(true).name("debug").value(false);
        json.name("sourceCodeIsNotOnSearchfox")
                .value(true)
                .name("markerSchema")
                .open('[')
                .close(']');
        json.name("extensions").raw("{\"length\":0,\"baseURL\":[],\"id\":[],\"name\":[]}");
        json.name("sampleUnits").raw("{\"time\":\"ms\",\"eventDelay\":\"ms\",\"threadCPUDelta\":\"ns\"}");
        json.name("categories").open('[');
        for (CodeKind kind : CodeKind.values()) {
            json.open('{').name("name").value(kind.label()).name("color").value(COLOURS.get(kind.ordinal()));
            json.name("subcategories").open('[').value("Other").close(']').close('}');
        }
        json.close(']').name("extra").open('[').open('{').name("label").value("The run");
        json.name("entries").open('[');
        writeEntry("written by", String.join("; ", account.origin()));
        writeEntry("taken", account.taken());
        writeEntry("complete", account.complete());
        writeEntry("lost", account.lost().isEmpty() ? "nothing" : String.join("; ", account.lost()));
        writeEntry("stopped", account.python().isEmpty() ? "nothing" : String.join("; ", account.python()));
        json.close(']').close('}').close(']');
    }

    private void writeEntry(String label, String text) throws IOException {
        json.open('{')
                .name("label")
                .value(label)
                .name("format")
                .value("string")
                .name("value")
                .value(text)
                .close('}');
    }
}
