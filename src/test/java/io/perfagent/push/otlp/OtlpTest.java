package io.perfagent.push.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesPartialSuccess;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceResponse;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.Sample;
import io.perfagent.model.Cgroup;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.output.ProfileOf;
import io.perfagent.push.request.Request;
import io.perfagent.push.series.ProcessLabels;
import io.perfagent.push.series.Series;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** What is sent, as the official classes read it. */
class OtlpTest {
    private static final Otlp OTLP = new Otlp(new ProcessLabels("node-7"), false);

    private static List<ExportProfilesServiceRequest> sent(io.perfagent.model.Profile profile) throws IOException {
        List<Request> requests = new ArrayList<>();
        OTLP.requests(profile, requests::add);
        List<ExportProfilesServiceRequest> messages = new ArrayList<>();
        for (Request request : requests) {
            messages.add(ExportProfilesServiceRequest.parseFrom(
                    new GZIPInputStream(new ByteArrayInputStream(request.body()))));
        }
        return messages;
    }

    /** {@code pid thread value: leaf < caller < …}, and a file where there is one. */
    private static List<String> stacks(ExportProfilesServiceRequest message) {
        List<String> stacks = new ArrayList<>();
        for (ResourceProfiles resource : message.getResourceProfilesList()) {
            long pid = resource.getResource().getAttributesList().stream()
                    .filter(attribute -> attribute.getKey().equals("process.pid"))
                    .mapToLong(attribute -> attribute.getValue().getIntValue())
                    .findFirst()
                    .orElseThrow();
            for (Profile profile : resource.getScopeProfiles(0).getProfilesList()) {
                profile.getSamplesList()
                        .forEach(sample -> stacks.add(pid + " " + text(sample, message.getDictionary())));
            }
        }
        return stacks;
    }

    private static String text(Sample sample, ProfilesDictionary tables) {
        List<String> frames = tables.getStackTable(sample.getStackIndex()).getLocationIndicesList().stream()
                .map(tables::getLocationTable)
                .map(location -> frame(location, tables))
                .toList();
        String thread = tables.getAttributeTable(sample.getAttributeIndices(0))
                .getValue()
                .getStringValue();
        return thread + " " + sample.getValues(0) + ": " + String.join(" < ", frames);
    }

    private static String frame(Location location, ProfilesDictionary tables) {
        var function = tables.getFunctionTable(location.getLines(0).getFunctionIndex());
        var type = tables.getAttributeTable(location.getAttributeIndices(0));
        assertThat(tables.getStringTable(type.getKeyStrindex())).isEqualTo("profile.frame.type");
        return type.getValue().getStringValue() + ":" + tables.getStringTable(function.getNameStrindex())
                + (function.getFilenameStrindex() == 0
                        ? ""
                        : "(" + tables.getStringTable(function.getFilenameStrindex()) + ")");
    }

    @Test
    void everySampleIsThere() throws IOException {
        String rest = " < native:_PyEval_EvalFrameDefault < cpython:Server.handle(/srv/app.py)"
                + " < native:_PyEval_EvalFrameDefault < cpython:<module> app(/srv/app.py)"
                + " < native:_PyEval_EvalFrameDefault < native:_start";
        assertThat(sent(ProfileOf.known()).stream().flatMap(message -> stacks(message).stream()))
                .containsExactlyInAnyOrder(
                        "10 gunicorn 40: native:malloc < cpython:__init__(/srv/a.py)" + rest,
                        "10 worker-1 30: kernel:vfs_read < cpython:__init__(/srv/b.py)" + rest,
                        "12 gunicorn 20: native:_ZNSt6vectorIiSaIiEE9push_backEOi"
                                + " < cpython:f.<locals>.<lambda>(<string>) < native:_PyEval_EvalFrameDefault"
                                + " < cpython:<module> app(/srv/app.py) < native:_PyEval_EvalFrameDefault < native:_start",
                        "12 gunicorn 10: native:[libc.so.6+0x29000] < native:_PyEval_EvalFrameDefault");
    }

    @Test
    void theProfileSaysWhatItIs() throws IOException {
        ExportProfilesServiceRequest message = sent(ProfileOf.known()).getFirst();
        ProfilesDictionary tables = message.getDictionary();
        Profile profile = message.getResourceProfiles(0).getScopeProfiles(0).getProfiles(0);
        assertThat(tables.getStringTable(profile.getSampleType().getTypeStrindex()))
                .isEqualTo("samples");
        assertThat(tables.getStringTable(profile.getSampleType().getUnitStrindex()))
                .isEqualTo("count");
        assertThat(tables.getStringTable(profile.getPeriodType().getTypeStrindex()))
                .isEqualTo("cpu");
        assertThat(tables.getStringTable(profile.getPeriodType().getUnitStrindex()))
                .isEqualTo("nanoseconds");
        assertThat(profile.getPeriod()).isEqualTo(10_000_000);
        assertThat(profile.getTimeUnixNano()).isEqualTo(1_770_091_506_789_000_000L);
        assertThat(profile.getDurationNano()).isEqualTo(Duration.ofSeconds(30).toNanos());
        assertThat(profile.getProfileId().size()).isEqualTo(16);
    }

    /** A receiver checks no index, and takes what is wrong. */
    @Test
    void theFirstOfEachTableIsNothing() throws IOException {
        ProfilesDictionary tables = sent(ProfileOf.known()).getFirst().getDictionary();
        assertThat(tables.getStringTable(0)).isEmpty();
        assertThat(List.of(
                        tables.getFunctionTable(0),
                        tables.getMappingTable(0),
                        tables.getLocationTable(0),
                        tables.getStackTable(0),
                        tables.getAttributeTable(0),
                        tables.getLinkTable(0)))
                .allMatch(message -> message.getSerializedSize() == 0);
        assertThat(tables.getStringTableList()).doesNotHaveDuplicates();
        assertThat(tables.getLocationTableList()).doesNotHaveDuplicates();
    }

    @Test
    void whatIsTooLargeIsSplit() throws IOException {
        StackCount any = ProfileOf.known().stacks().getFirst();
        List<StackCount> many = IntStream.range(0, 40_000)
                .mapToObj(at -> new StackCount(
                        10 + at % 3, at, "t", Cgroup.UNKNOWN, any.locations(), WalkEnd.END_OF_STACK, false, at + 1L))
                .toList();
        List<ExportProfilesServiceRequest> messages = sent(Series.part(ProfileOf.known(), many));
        assertThat(messages).hasSizeGreaterThan(2).allMatch(message -> message.getSerializedSize() <= 3 << 20);
        assertThat(messages.stream()
                        .flatMap(message -> message.getResourceProfilesList().stream())
                        .flatMap(resource -> resource.getScopeProfiles(0).getProfiles(0).getSamplesList().stream())
                        .mapToLong(sample -> sample.getValues(0))
                        .sorted()
                        .boxed())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 40_000).mapToObj(Long::valueOf).toList());
    }

    @Test
    void whatAnAnswerRejectsIsCounted() {
        byte[] answer = ExportProfilesServiceResponse.newBuilder()
                .setPartialSuccess(ExportProfilesPartialSuccess.newBuilder().setRejectedProfiles(3))
                .build()
                .toByteArray();
        assertThat(OTLP.rejected(answer)).isEqualTo(3);
        assertThat(OTLP.rejected(new byte[0])).isZero();
        assertThat(OTLP.rejected("<html>".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isZero();
    }
}
