package io.perfagent.push.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.Sample;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.resource.v1.Resource;
import io.perfagent.model.Measure;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadState;
import io.perfagent.push.series.Series;
import io.perfagent.report.Release;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Series as one request of OpenTelemetry's profiles (opentelemetry/proto/profiles/v1development/profiles.proto, 1.10): a resource for each
 * process, with one profile.
 *
 * <p>Samples of the clock are counted, {@code samples/count}, and the period says what one is of, {@code cpu/nanoseconds}; of all else there is what was
 * measured.
 */
final class Message {
    /** The label that is a number there. */
    static final String PID = "process.pid";

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final ExportProfilesServiceRequest.Builder message = ExportProfilesServiceRequest.newBuilder();
    private final Dictionary dictionary = new Dictionary();

    static ExportProfilesServiceRequest of(List<Series> processes) {
        Message message = new Message();
        processes.forEach(message::add);
        return message.message.setDictionary(message.dictionary.built()).build();
    }

    private void add(Series process) {
        message.addResourceProfiles(ResourceProfiles.newBuilder()
                .setResource(resource(process))
                .addScopeProfiles(ScopeProfiles.newBuilder()
                        .setScope(InstrumentationScope.newBuilder()
                                .setName("perf-agent")
                                .setVersion(Release.version()))
                        .addProfiles(profile(process.profile()))));
    }

    private static Resource resource(Series process) {
        Resource.Builder resource = Resource.newBuilder();
        process.labels()
                .values()
                .forEach((key, value) ->
                        resource.addAttributes(KeyValue.newBuilder().setKey(key).setValue(value(key, value))));
        return resource.build();
    }

    private static AnyValue value(String key, String text) {
        return key.equals(PID)
                ? AnyValue.newBuilder().setIntValue(Integer.parseInt(text)).build()
                : AnyValue.newBuilder().setStringValue(text).build();
    }

    private Profile profile(io.perfagent.model.Profile profile) {
        Measure measure = profile.measure();
        Instant start = profile.start();
        boolean counted = isClock(measure);
        Profile.Builder built = Profile.newBuilder()
                .setProfileId(randomId())
                .setTimeUnixNano(start.getEpochSecond() * NANOS_PER_SECOND + start.getNano())
                .setDurationNano(profile.duration().toNanos())
                .setPeriodType(dictionary.valueType(measure.type(), measure.unit()))
                .setPeriod(measure.period())
                .setSampleType(
                        counted
                                ? dictionary.valueType("samples", "count")
                                : dictionary.valueType(measure.type(), measure.unit()));
        for (StackCount stack : profile.stacks()) {
            built.addSamples(sample(stack, counted ? stack.count() : stack.count() * measure.period()));
        }
        return built.build();
    }

    private static boolean isClock(Measure measure) {
        return measure.samples() && measure.unit().equals("nanoseconds");
    }

    private Sample sample(StackCount stack, long value) {
        Sample.Builder sample = Sample.newBuilder()
                .setStackIndex(dictionary.stack(stack.locations()))
                .addValues(value);
        if (stack.hasThread()) {
            sample.addAttributeIndices(dictionary.attribute("thread.name", stack.threadName()))
                    .addAttributeIndices(dictionary.attribute("thread.id", stack.tid()));
        }
        if (stack.state() != ThreadState.RUNNING) {
            sample.addAttributeIndices(dictionary.attribute(
                    "perf_agent.thread.state", stack.state().label()));
        }
        if (!stack.end().complete()) {
            sample.addAttributeIndices(
                    dictionary.attribute("perf_agent.stack.cut", stack.end().description()));
        }
        if (stack.guessed()) {
            sample.addAttributeIndices(dictionary.attribute("perf_agent.stack.guessed", "frame pointer not checked"));
        }
        return sample.build();
    }

    private static ByteString randomId() {
        UUID id = UUID.randomUUID();
        ByteBuffer bytes =
                ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return ByteString.copyFrom(bytes.flip());
    }
}
