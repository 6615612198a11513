package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Descriptor;
import io.perfagent.model.Format;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse;
import io.perfagent.model.Location;
import io.perfagent.model.Measure;
import io.perfagent.model.Profile;
import io.perfagent.model.RunAccount;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.model.WalkEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Of formats without labels: what is said of a wait beside its stack is a frame, and the same one however often the stacks are gone through. */
class StateFramesTest {
    @Test
    void aFrameIsTheSameEachTime() {
        Profile profile = StateFrames.of(waits());
        List<Location> first = profile.stacks().getFirst().locations();
        List<Location> again = profile.stacks().getFirst().locations();
        assertThat(first)
                .extracting(location -> location.innermost().function())
                .containsExactly(
                        "Server.handle",
                        "[woken by db]",
                        "[held by Server.handle (app.py)]",
                        "[tcp]",
                        "[gil]",
                        "__init__",
                        "_start");
        for (int at = 0; at < first.size(); at++) {
            assertThat(again.get(at)).isSameAs(first.get(at));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Format.class,
            names = {"HTML", "FOLDED", "SPEEDSCOPE", "PPROF"})
    void eachFormatTakesThem(Format format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Profile profile = format == Format.PPROF ? waits() : StateFrames.of(waits());
        Encoder.of(format).write(profile, bytes);
        assertThat(bytes.size()).isPositive();
    }

    private static Profile waits() {
        return new Profile(
                Instant.parse("2026-02-03T04:05:06Z"),
                1,
                Duration.ofSeconds(1),
                Measure.OFF_CPU,
                List.of(waited(11, 30_000_000), waited(12, 20_000_000)),
                List.of(),
                RunAccount.NONE);
    }

    private static StackCount waited(int tid, long nanos) {
        return new StackCount(
                10,
                tid,
                "worker",
                ProfileOf.SERVICE,
                List.of(ProfileOf.INIT_A, ProfileOf.START),
                WalkEnd.END_OF_STACK,
                false,
                nanos,
                new long[0],
                new ThreadActivity(
                        ThreadState.GIL,
                        1,
                        false,
                        new GilHolder(GilUse.Holder.KNOWN, 10, ProfileOf.HANDLE),
                        new Waker(Waker.Kind.THREAD, 20, 20, "db", List.of(ProfileOf.HANDLE)),
                        Descriptor.TCP));
    }
}
