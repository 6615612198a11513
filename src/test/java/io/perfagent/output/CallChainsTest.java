package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Frame;
import io.perfagent.model.Profile;
import io.perfagent.model.StackCount;
import io.perfagent.model.WalkEnd;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallChainsTest {
    @Test
    void theHeaviestChainsOutermostFirst() {
        assertThat(CallChains.heaviest(ProfileOf.known(), 3))
                .containsExactly(
                        " 70.0 %  <module> → Server.handle → __init__",
                        " 20.0 %  <module> → f.<locals>.<lambda>", " 10.0 %  (no Python function)");
        assertThat(CallChains.heaviest(ProfileOf.known(), 1)).hasSize(1);
    }

    @Test
    void recursionIsFolded() {
        List<Frame> frames = List.of(
                ProfileOf.HANDLE,
                ProfileOf.EVAL,
                ProfileOf.HANDLE,
                ProfileOf.HANDLE,
                ProfileOf.MODULE,
                ProfileOf.START);
        Profile known = ProfileOf.known();
        Profile recursive = new Profile(
                known.start(),
                known.duration(),
                100,
                List.of(new StackCount(1, 1, "a", Cgroup.UNKNOWN, frames, WalkEnd.END_OF_STACK, 5)),
                List.of());
        assertThat(CallChains.heaviest(recursive, 5)).containsExactly("100.0 %  <module> → Server.handle ×3");
    }

    @Test
    void nothingSampledIsNoLine() {
        Profile known = ProfileOf.known();
        assertThat(CallChains.heaviest(new Profile(known.start(), known.duration(), 100, List.of(), List.of()), 5))
                .isEmpty();
    }
}
