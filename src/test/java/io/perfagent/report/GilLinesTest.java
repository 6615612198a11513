package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Descriptor;
import io.perfagent.model.GilHolder;
import io.perfagent.model.GilUse.Holder;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.WalkEnd;
import io.perfagent.profile.GilSummary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GilLinesTest {
    private static final long TICK = 10_000_000;
    private static final Duration LASTED = Duration.ofSeconds(10);
    private static final Location ENCODE = python("encode", 88);
    private static final Location PARSE = python("parse", 12);
    private static final GilHolder BY_ENCODE = new GilHolder(Holder.KNOWN, 7, ENCODE);
    private static final GilHolder CHANGED = new GilHolder(Holder.CHANGED, 0, null);

    @Test
    void whoHasItAndWhoWaitsForWhom() {
        GilLines lines = lines(
                TICK,
                running(1, ENCODE, 500, true),
                running(1, PARSE, 100, true),
                running(1, PARSE, 100, false),
                waiting(1, PARSE, 3_000_000_000L, ThreadState.GIL, BY_ENCODE),
                waiting(1, PARSE, 1_000_000_000L, ThreadState.GIL, CHANGED),
                away(1, ENCODE, 1_000_000_000L),
                waiting(1, PARSE, 8_000_000_000L, ThreadState.SLEEP, null));
        assertThat(lines.lines())
                .containsExactly(
                        "gil: 70 % held, waits 20 % of thread time, longest holder encode (app.py:88)",
                        "who holds the GIL, by their share of 7.000 s:",
                        "  85.7 %  encode (app.py:88)",
                        "  14.3 %  parse (app.py:12)",
                        "who waits for whom, by their share of 4.000 s of waits for the GIL:",
                        "  75.0 %  parse (app.py:12) for encode (app.py:88)");
        assertThat(lines.lost())
                .containsExactly("gil: who had it during 1.000 s of waits is not known, for others have had it since");
    }

    /** Who runs is not known, so neither is how long it is held. */
    @Test
    void withoutSamplesOfWhatRuns() {
        assertThat(lines(
                                0,
                                waiting(1, PARSE, 3_000_000_000L, ThreadState.GIL, BY_ENCODE),
                                away(1, PARSE, 1_000_000_000L))
                        .lines())
                .startsWith(
                        "gil: waits 75 % of the time off the CPU; with --profile it is known how long it is held, too",
                        "who waits for whom, by their share of 3.000 s of waits for the GIL:");
    }

    @Test
    void eachProcessHasItsOwn() {
        assertThat(lines(TICK, running(1, ENCODE, 10, true), running(2, PARSE, 20, true), running(3, PARSE, 20, false))
                        .lines())
                .filteredOn(line -> line.startsWith("gil"))
                .containsExactly(
                        "gil of process 2: 2 % held, waits 0 % of thread time, longest holder parse (app.py:12)",
                        "gil of process 1: 1 % held, waits 0 % of thread time, longest holder encode (app.py:88)");
    }

    @Test
    void nothingIsSaidWhereThereIsNone() {
        assertThat(lines(TICK, running(1, ENCODE, 10, false), waiting(1, PARSE, 5, ThreadState.LOCK, null))
                        .lines())
                .isEmpty();
    }

    private static GilLines lines(long tick, StackCount... stacks) {
        return new GilLines(GilSummary.of(List.of(stacks), tick), LASTED);
    }

    private static StackCount running(int pid, Location frame, long samples, boolean holds) {
        return stack(pid, frame, samples, ThreadState.RUNNING, holds, null);
    }

    private static StackCount away(int pid, Location frame, long nanos) {
        return stack(pid, frame, nanos, ThreadState.RUNQUEUE, true, null);
    }

    private static StackCount waiting(int pid, Location frame, long nanos, ThreadState state, GilHolder holder) {
        return stack(pid, frame, nanos, state, false, holder);
    }

    private static StackCount stack(
            int pid, Location frame, long count, ThreadState state, boolean holds, GilHolder holder) {
        return new StackCount(
                pid,
                pid,
                "app",
                Cgroup.UNKNOWN,
                List.of(frame),
                WalkEnd.END_OF_STACK,
                false,
                count,
                new long[0],
                new ThreadActivity(state, 0, holds, holder, null, Descriptor.NONE));
    }

    private static Location python(String function, int startLine) {
        return new Location(
                Location.Kind.PYTHON, 0, null, new Call(function, function, "/srv/app.py", startLine + 1, startLine));
    }
}
