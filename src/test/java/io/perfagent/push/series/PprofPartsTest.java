package io.perfagent.push.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Location;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import io.perfagent.output.proto.ProfileProto;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Parts keep a store's limits, and are the whole together. */
class PprofPartsTest {
    private static final int STACKS = 5_000;

    @Test
    void partsKeepTheLimits() throws IOException {
        Profile whole = profile();
        for (PprofParts limits : List.of(
                new PprofParts(16_000, 4 << 20, true),
                new PprofParts(999, 4 << 20, true),
                new PprofParts(16_000, 50_000, true),
                new PprofParts(16_000, 1, false))) {
            List<byte[]> files = limits.of(whole);
            List<ProfileProto.Profile> parts = new ArrayList<>();
            for (byte[] file : files) {
                byte[] plain = new GZIPInputStream(new ByteArrayInputStream(file)).readAllBytes();
                ProfileProto.Profile part = ProfileProto.Profile.parseFrom(plain);
                assertThat(part.getSampleCount()).isLessThanOrEqualTo(limits.mostSamples());
                assertThat(plain.length <= limits.mostBytes() || part.getSampleCount() == 1)
                        .as("%d bytes", plain.length)
                        .isTrue();
                parts.add(part);
            }
            assertThat(parts.stream().flatMapToLong(PprofPartsTest::counts).boxed())
                    .containsExactlyElementsOf(whole.stacks().stream()
                            .map(stack -> stack.count() * 10_000_000)
                            .toList());
            assertThat(parts)
                    .allMatch(part -> part.getTimeNanos() == parts.getFirst().getTimeNanos()
                            && part.getDurationNanos() == parts.getFirst().getDurationNanos());
        }
    }

    /** Nanoseconds are the last of a sample's values. */
    private static java.util.stream.LongStream counts(ProfileProto.Profile part) {
        return part.getSampleList().stream().mapToLong(sample -> sample.getValue(sample.getValueCount() - 1));
    }

    private static Profile profile() {
        List<StackCount> stacks = new ArrayList<>();
        for (int at = 0; at < STACKS; at++) {
            Location leaf = new Location(Location.Kind.PYTHON, 0, null, new Call("function_" + at, "/srv/app.py"));
            stacks.add(new StackCount(
                    7, 7, "app", Cgroup.UNKNOWN, List.of(leaf), WalkEnd.END_OF_STACK, false, 1 + at % 17));
        }
        return new Profile(Instant.EPOCH, Duration.ofSeconds(15), 100, stacks, List.of());
    }
}
