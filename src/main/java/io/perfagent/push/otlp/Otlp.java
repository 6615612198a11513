package io.perfagent.push.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceResponse;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.push.request.Protocol;
import io.perfagent.push.request.Request;
import io.perfagent.push.request.RequestSink;
import io.perfagent.push.series.Labels;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.push.series.Series;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * OpenTelemetry's profiles over HTTP or gRPC, in the layout of 1.10, which collectors have from 0.148 on; older ones take it and read nonsense.
 *
 * <p>Requests are small enough to be handed on by gRPC, which takes 4 MiB.
 */
public final class Otlp implements Protocol {
    private static final String PATH = "/v1development/profiles";
    private static final String METHOD = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";
    private static final int MOST_SAMPLES = 16_000;
    private static final int MOST_BYTES = 3 << 20;

    private final ProcessLabels processes;

    private final boolean grpc;

    public Otlp(ProcessLabels processes, boolean grpc) {
        this.processes = processes;
        this.grpc = grpc;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("OTLP-Profiles-Development-Version", "1");
    }

    @Override
    public void requests(Profile profile, RequestSink sink) throws IOException {
        processes.look(profile);
        List<StackCount> stacks = profile.stacks().stream()
                .sorted(Comparator.comparingInt(StackCount::pid)) // what is split keeps processes together
                .toList();
        for (int from = 0; from < stacks.size(); from += MOST_SAMPLES) {
            send(profile, stacks.subList(from, Math.min(stacks.size(), from + MOST_SAMPLES)), sink);
        }
    }

    private void send(Profile whole, List<StackCount> stacks, RequestSink sink) throws IOException {
        List<Series> series = Series.of(Series.part(whole, stacks), this::labels);
        ExportProfilesServiceRequest message = Message.of(series);
        if (message.getSerializedSize() > MOST_BYTES && stacks.size() > 1) {
            send(whole, stacks.subList(0, stacks.size() / 2), sink);
            send(whole, stacks.subList(stacks.size() / 2, stacks.size()), sink);
        } else if (!series.isEmpty()) {
            String path = grpc ? METHOD : PATH;
            String type = grpc ? "application/grpc" : "application/x-protobuf";
            sink.take(new Request(path, type, "gzip", series.size(), compressed(message)));
        }
    }

    private Labels labels(StackCount stack) {
        Labels labels = processes.of(stack);
        return stack.hasThread() ? labels.with(Message.PID, Integer.toString(stack.pid())) : labels;
    }

    private static byte[] compressed(ExportProfilesServiceRequest message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            message.writeTo(out);
        }
        return bytes.toByteArray();
    }

    @Override
    public int rejected(byte[] answer) {
        try {
            long rejected = ExportProfilesServiceResponse.parseFrom(answer)
                    .getPartialSuccess()
                    .getRejectedProfiles();
            return Math.clamp(rejected, 0, Integer.MAX_VALUE);
        } catch (InvalidProtocolBufferException _) {
            return 0; // of a proxy, say, in between
        }
    }
}
