package io.perfagent.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Call;
import io.perfagent.model.Cgroup;
import io.perfagent.model.Event;
import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    @Test
    void theShareIsOfUserSamples() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.END_OF_STACK, false, 999);
        completeness.add(WalkEnd.NO_USER_STACK, false, 500);
        completeness.add(WalkEnd.NO_TABLE, false, 1);
        assertThat(completeness.samples()).isEqualTo(1500);
        assertThat(completeness.userSamples()).isEqualTo(1000);
        assertThat(completeness.share()).isEqualTo(0.999);
        assertThat(completeness.line()).isEqualTo("complete user stacks: 99.90 % (999 of 1000)");
        assertThat(completeness.cuts()).containsExactly("cut stacks: 1 mapping without unwind table");
    }

    @Test
    void oneCutStackIsNeverRoundedAway() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.END_OF_STACK, false, 1_000_000);
        completeness.add(WalkEnd.BAD_CODE, true);
        assertThat(completeness.percent()).isEqualTo("99.99%");
    }

    /** A guess may have jumped over frames: what reaches the thread's first is not all there is. */
    @Test
    void aStackOverGuessedFramesIsNotComplete() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.END_OF_STACK, false, 60);
        completeness.add(WalkEnd.END_OF_STACK, true, 30);
        completeness.add(WalkEnd.NO_TABLE, true, 10);
        assertThat(completeness.complete()).isEqualTo(60);
        assertThat(completeness.guessed()).isEqualTo(30);
        assertThat(completeness.share()).isEqualTo(0.6);
        assertThat(completeness.line()).isEqualTo("complete user stacks: 60.00 % (60 of 100)");
        assertThat(completeness.cuts())
                .containsExactly(
                        "guessed stacks: 30 reach the thread's first frame, but may lack others",
                        "cut stacks: 10 mapping without unwind table");
    }

    @Test
    void withoutSamplesNothingIsMissing() {
        assertThat(new Completeness().share()).isEqualTo(1);
        assertThat(new Completeness().cuts()).isEmpty();
    }

    @Test
    void ofNothingThereIsNoShare() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.NO_USER_STACK, false, 7);
        assertThat(completeness.percent()).isEqualTo("none");
        assertThat(completeness.line()).isEqualTo("complete user stacks: none (0 of 0)");
    }

    @Test
    void unnamedFramesCountOncePerSample() {
        Location named = new Location(Location.Kind.NATIVE, 1, null, new Call("f", ""));
        Location unnamed = Location.unnamed(2, null, "[unknown]", SymbolMiss.NO_MAPPING);
        Naming naming = Naming.of(
                Event.CPU_CLOCK,
                List.of(
                        new StackCount(
                                1,
                                1,
                                "a",
                                Cgroup.UNKNOWN,
                                List.of(named, unnamed, unnamed),
                                WalkEnd.END_OF_STACK,
                                false,
                                10),
                        new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(named), WalkEnd.END_OF_STACK, false, 5)));
        assertThat(naming.frames()).isEqualTo(35);
        assertThat(naming.unnamed(SymbolMiss.NO_MAPPING)).isEqualTo(20);
        assertThat(naming.lines()).containsExactly("unnamed frames: 20 of 35 address in no known mapping");
    }
}
