package io.perfagent.push.pyroscope;

import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.output.JsonStream;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.request.RequestSink;
import io.perfagent.push.series.PprofParts;
import io.perfagent.push.series.PprofRequests;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.push.series.Series;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * {@code Push} of Pyroscope's {@code PusherService} in Connect's JSON form (api/push/v1/push.proto).
 *
 * <p>Labels of samples stay there: threads, PIDs and states are no series. Each file keeps the limits that a server has unless told
 * otherwise, and has an ID of its own.
 */
public final class Pyroscope implements Protocol {
    private static final String PATH = "/push.v1.PusherService/Push";

    private final ProcessLabels processes;
    private final PprofParts parts = new PprofParts(PprofParts.MOST_SAMPLES, PprofParts.MOST_BYTES, true);

    public Pyroscope(ProcessLabels processes) {
        this.processes = processes;
    }

    @Override
    public void requests(Profile profile, RequestSink sink) throws IOException {
        PprofRequests requests = new PprofRequests(PATH, Pyroscope::write, sink);
        processes.look(profile);
        for (Series series : Series.of(profile, processes::of)) {
            Map<String, String> labels = new TreeMap<>(series.labels().underscored());
            labels.put("__name__", name(profile.measure()));
            for (byte[] file : parts.of(series.profile())) {
                requests.add(labels, file);
            }
        }
        requests.finish();
    }

    /** As its own clients call them; what these do not have by its type. */
    private static String name(Measure measure) {
        return measure.type().equals("cpu") ? "process_cpu" : measure.type().replaceAll("[^A-Za-z0-9_]", "_");
    }

    private static void write(JsonStream json, Map<String, String> labels, byte[] file) throws IOException {
        json.name("labels");
        PprofRequests.writeLabels(json, labels);
        json.name("samples").open('[').open('{').name("rawProfile");
        json.value(Base64.getEncoder().encodeToString(file));
        json.name("ID").value(UUID.randomUUID().toString()).close('}').close(']');
    }
}
