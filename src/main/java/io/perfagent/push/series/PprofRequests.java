package io.perfagent.push.series;

import io.perfagent.output.JsonStream;
import io.perfagent.push.request.Request;
import io.perfagent.push.request.RequestSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/**
 * Requests with files for pprof, in JSON, as Parca and Pyroscope take them: both have series with labels, each a list of files. Many small
 * series share a request, which costs the store less than one each.
 */
public final class PprofRequests implements SeriesRequests {
    /** Of a body, in base64; one file may be as large by itself. */
    private static final int MOST_BYTES = 4 << 20;

    private final String path;
    private final Form form;
    private final RequestSink sink;
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private JsonStream json = new JsonStream(body);
    private long bytes;
    private int profiles;

    /** How a store has a series. */
    @FunctionalInterface
    public interface Form {
        /** Writes the fields of one series with one file, compressed. */
        void write(JsonStream json, Map<String, String> labels, byte[] file) throws IOException;
    }

    public PprofRequests(String path, Form form, RequestSink sink) {
        this.path = path;
        this.form = form;
        this.sink = sink;
    }

    @Override
    public void add(Map<String, String> labels, byte[] file) throws IOException {
        long more = file.length * 4L / 3;
        if (profiles > 0 && bytes + more > MOST_BYTES) {
            finish();
        }
        if (profiles == 0) {
            json.open('{').name("series").open('[');
        }
        json.open('{');
        form.write(json, labels, file);
        json.close('}');
        bytes += more;
        profiles++;
    }

    @Override
    public void finish() throws IOException {
        if (profiles == 0) {
            return;
        }
        json.close(']').close('}').flush();
        sink.take(new Request(path, "application/json", "", profiles, body.toByteArray()));
        body = new ByteArrayOutputStream();
        json = new JsonStream(body);
        bytes = 0;
        profiles = 0;
    }

    /** Writes labels as both have them, a list of names and values. */
    public static void writeLabels(JsonStream json, Map<String, String> labels) throws IOException {
        json.open('[');
        for (Map.Entry<String, String> label : labels.entrySet()) {
            json.open('{').name("name").value(label.getKey());
            json.name("value").value(label.getValue()).close('}');
        }
        json.close(']');
    }
}
