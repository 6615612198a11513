package io.perfagent.push.parca;

import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.output.JsonStream;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.request.RequestSink;
import io.perfagent.push.series.Labels;
import io.perfagent.push.series.PprofParts;
import io.perfagent.push.series.PprofRequests;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.push.series.QualifiedNames;
import io.perfagent.push.series.Series;
import io.perfagent.push.series.SeriesRequests;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code WriteRaw} of Parca's {@code ProfileStoreService}, by gRPC or in its REST form (proto/parca/profilestore/v1alpha1/profilestore.proto), which
 * Polar Signals has, too.
 *
 * <p>Parca drops the labels of samples without a word: each process, thread name and state is a series of its own. It makes one of all
 * functions of a name: names are {@link QualifiedNames qualified}.
 */
public final class Parca implements Protocol {
    private static final String PATH = "/api/profiles/writeraw";

    private final ProcessLabels processes;
    private final PprofParts parts = new PprofParts(PprofParts.MOST_SAMPLES, PprofParts.MOST_BYTES, false);

    private final boolean grpc;

    /** @param grpc and not in the REST form */
    public Parca(ProcessLabels processes, boolean grpc) {
        this.processes = processes;
        this.grpc = grpc;
    }

    @Override
    public void requests(Profile profile, RequestSink sink) throws IOException {
        SeriesRequests requests = grpc ? new WriteRawMessages(sink) : new PprofRequests(PATH, Parca::write, sink);
        processes.look(profile);
        for (Series series : Series.of(profile, this::labels)) {
            Map<String, String> labels = new TreeMap<>(series.labels().underscored());
            labels.put("__name__", "perf_agent");
            for (byte[] file : parts.of(QualifiedNames.of(series.profile()))) {
                requests.add(labels, file);
            }
        }
        requests.finish();
    }

    private Labels labels(StackCount stack) {
        return processes
                .of(stack)
                .with("process.pid", stack.hasThread() ? Integer.toString(stack.pid()) : "")
                .with("thread.name", stack.threadName())
                .with(
                        "state",
                        stack.state() == ThreadState.RUNNING
                                ? ""
                                : stack.state().label());
    }

    private static void write(JsonStream json, Map<String, String> labels, byte[] file) throws IOException {
        json.name("labels").open('{').name("labels");
        PprofRequests.writeLabels(json, labels);
        json.close('}').name("samples").open('[').open('{').name("raw_profile");
        json.value(Base64.getEncoder().encodeToString(file)).close('}').close(']');
    }
}
