package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.model.StackCount;
import io.perfagent.model.ThreadActivity;
import io.perfagent.model.ThreadState;
import io.perfagent.model.Waker;
import io.perfagent.model.WalkEnd;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is said to have ended the waits of whom. */
class WakerLinesTest {
    private static final Location FUTEX = frame("futex_wait", "/lib/libc.so.6");
    private static final Location TAKES = frame("takes", "/opt/shop");
    private static final Location POSTS = frame("posts", "/opt/shop");

    private static Location frame(String function, String module) {
        return new Location(Location.Kind.NATIVE, 1, new Module(0, 2, 0, module, null), new Call(function, ""));
    }

    private static StackCount waited(long nanos, @Nullable Waker waker) {
        return new StackCount(
                1,
                2,
                "worker",
                Cgroup.UNKNOWN,
                List.of(FUTEX, TAKES),
                WalkEnd.END_OF_STACK,
                false,
                nanos,
                new long[0],
                new ThreadActivity(ThreadState.LOCK, 1, false, null, waker, Descriptor.NONE));
    }

    @Test
    void pairsOfFunctionsTheLongestFirst() {
        Waker thread = new Waker(Waker.Kind.THREAD, 1, 3, "other", List.of(FUTEX, POSTS));
        Waker nameless = new Waker(Waker.Kind.THREAD, 9, 9, "nginx", List.of());
        WakerLines lines = new WakerLines(List.of(
                waited(2_000_000_000L, Waker.of(Waker.Kind.INTERRUPT)),
                waited(4_000_000_000L, thread),
                waited(1_000_000_000L, thread),
                waited(1_500_000_000L, nameless),
                waited(1_500_000_000L, Waker.of(Waker.Kind.UNKNOWN)),
                waited(7_000_000_000L, null)));
        assertThat(lines.lines())
                .hasSize(5)
                .startsWith(
                        "who ended waits, by their share of 10.000 s:",
                        "  50.0 %  takes, woken by posts",
                        "  20.0 %  takes, woken by an interrupt")
                .contains("  15.0 %  takes, woken by nginx", "  15.0 %  takes, woken by who is not known");
        assertThat(lines.lost()).singleElement().asString().contains("who ended 1.500 s of waits is not known");
    }

    @Test
    void nothingWhereItWasNotAskedFor() {
        WakerLines lines = new WakerLines(List.of(waited(1, null)));
        assertThat(lines.lines()).isEmpty();
        assertThat(lines.lost()).isEmpty();
    }
}
