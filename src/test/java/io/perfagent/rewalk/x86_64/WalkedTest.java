package io.perfagent.rewalk.x86_64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.WalkEnd;
import org.junit.jupiter.api.Test;

class WalkedTest {
    private static final long STACK = 0x7fff_0000_1000L;

    /** A frame reaches from its stack pointer up to the one of its caller, which no longer belongs to it. */
    @Test
    void aFrameEndsWhereItsCallerBegins() {
        Walked walked = walked(STACK, STACK + 0x20, STACK + 0x100);
        assertThat(walked.frameAround(STACK - 8)).isEqualTo(-1);
        assertThat(walked.frameAround(STACK)).isZero();
        assertThat(walked.frameAround(STACK + 0x18)).isZero();
        assertThat(walked.frameAround(STACK + 0x20)).isOne();
        assertThat(walked.frameAround(STACK + 0xf8)).isOne();
    }

    @Test
    void whereTheLastFrameEndsIsNotKnown() {
        assertThat(walked(STACK, STACK + 0x20).frameAround(STACK + 0x20)).isEqualTo(-1);
        assertThat(walked(STACK).frameAround(STACK)).isEqualTo(-1);
        assertThat(walked().frameAround(STACK)).isEqualTo(-1);
    }

    /** A signal handler's stack, or a coroutine's, may lie above the one that it left. */
    @Test
    void fromOneStackToAnotherNothingIsBetween() {
        Walked walked = walked(STACK + 0x1000, STACK + 0x1010, STACK, STACK + 0x40);
        assertThat(walked.frameAround(STACK + 0x1008)).isZero();
        assertThat(walked.frameAround(STACK + 0x8)).isEqualTo(2);
        assertThat(walked.frameAround(STACK + 0x800)).isEqualTo(-1);
    }

    /** Hostile, but no reason to take what lies below for above. */
    @Test
    void addressesHaveNoSign() {
        Walked walked = walked(0x7fff_ffff_ffff_fff0L, 0x8000_0000_0000_0010L);
        assertThat(walked.frameAround(0x8000_0000_0000_0000L)).isZero();
        assertThat(walked.frameAround(0)).isEqualTo(-1);
    }

    private static Walked walked(long... stackPointers) {
        return new Walked(new long[stackPointers.length], stackPointers, WalkEnd.END_OF_STACK, 0, false, 0);
    }
}
