package io.perfagent.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Cgroup;
import io.perfagent.model.Frame;
import io.perfagent.model.StackCount;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.WalkEnd;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    @Test
    void theShareIsOfUserSamples() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.END_OF_STACK, 999);
        completeness.add(WalkEnd.NO_USER_STACK, 500);
        completeness.add(WalkEnd.NO_TABLE);
        assertThat(completeness.samples()).isEqualTo(1500);
        assertThat(completeness.userSamples()).isEqualTo(1000);
        assertThat(completeness.share()).isEqualTo(0.999);
        assertThat(completeness.line()).isEqualTo("complete user stacks: 99.90 % (999 of 1000)");
        assertThat(completeness.cuts()).containsExactly("cut stacks: 1 mapping without unwind table");
    }

    @Test
    void oneCutStackIsNeverRoundedAway() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.END_OF_STACK, 1_000_000);
        completeness.add(WalkEnd.BAD_CODE);
        assertThat(completeness.percent()).isEqualTo("99.99%");
    }

    @Test
    void withoutSamplesNothingIsMissing() {
        assertThat(new Completeness().share()).isEqualTo(1);
        assertThat(new Completeness().cuts()).isEmpty();
    }

    @Test
    void ofNothingThereIsNoShare() {
        Completeness completeness = new Completeness();
        completeness.add(WalkEnd.NO_USER_STACK, 7);
        assertThat(completeness.percent()).isEqualTo("none");
        assertThat(completeness.line()).isEqualTo("complete user stacks: none (0 of 0)");
    }

    @Test
    void unnamedFramesCountOncePerSample() {
        Frame named = new Frame(Frame.Kind.NATIVE, 1, null, "f", "");
        Frame unnamed = new Frame(Frame.Kind.UNNAMED, 2, null, "[unknown]", "", SymbolMiss.NO_MAPPING);
        Naming naming = Naming.of(List.of(
                new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(named, unnamed, unnamed), WalkEnd.END_OF_STACK, 10),
                new StackCount(1, 1, "a", Cgroup.UNKNOWN, List.of(named), WalkEnd.END_OF_STACK, 5)));
        assertThat(naming.frames()).isEqualTo(35);
        assertThat(naming.unnamed(SymbolMiss.NO_MAPPING)).isEqualTo(20);
        assertThat(naming.lines()).containsExactly("unnamed frames: 20 of 35 address in no known mapping");
    }
}
