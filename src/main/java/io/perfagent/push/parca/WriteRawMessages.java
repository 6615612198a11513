package io.perfagent.push.parca;

import com.google.protobuf.CodedOutputStream;
import io.perfagent.push.request.Request;
import io.perfagent.push.request.RequestSink;
import io.perfagent.push.series.SeriesRequests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;

/**
 * {@code WriteRaw} as it is called by gRPC. Fields are numbered as in profilestore.proto:
 *
 * <pre>
 *   WriteRawRequest   2 series      RawProfileSeries   1 labels, 2 samples      RawSample   1 raw_profile
 *   LabelSet          1 labels      Label              1 name, 2 value
 * </pre>
 */
final class WriteRawMessages implements SeriesRequests {
    private static final String METHOD = "/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw";
    /** What a server takes unless it is told otherwise is 4 MiB. */
    private static final int MOST_BYTES = 3 << 20;

    private final RequestSink sink;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int profiles;

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    WriteRawMessages(RequestSink sink) {
        this.sink = sink;
    }

    @Override
    public void add(Map<String, String> labels, byte[] file) throws IOException {
        byte[] set = message(out -> {
            for (Map.Entry<String, String> label : labels.entrySet()) {
                out.writeByteArray(1, label(label.getKey(), label.getValue()));
            }
        });
        byte[] sample = message(out -> out.writeByteArray(1, file));
        byte[] series = message(out -> {
            out.writeByteArray(1, set);
            out.writeByteArray(2, sample);
        });
        if (profiles > 0 && message.size() + series.length > MOST_BYTES) {
            finish();
        }
        message.writeBytes(message(out -> out.writeByteArray(2, series)));
        profiles++;
    }

    private static byte[] label(String name, String value) throws IOException {
        return message(out -> {
            out.writeString(1, name);
            out.writeString(2, value);
        });
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    @Override
    public void finish() throws IOException {
        if (profiles > 0) {
            sink.take(new Request(METHOD, "application/grpc", "", profiles, message.toByteArray()));
            message.reset();
            profiles = 0;
        }
    }
}
