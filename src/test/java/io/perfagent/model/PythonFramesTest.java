package io.perfagent.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.PythonFrames.End;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Frames are named by the numbers of their code objects, addresses by their index. */
class PythonFramesTest {
    private static final int NO_INDEX = 0xfff;
    private static final long LOCAL = 0x7fff_1234_5678L;
    private static final long[] STACK = LongStream.range(0, 6).toArray();

    @Test
    void framesStandBeforeTheCallThatRunsThem() {
        PythonFrames frames = read(frame(10), frame(11), call(2), frame(12), call(4));
        assertThat(merged(frames)).isEqualTo("0 1 f10 f11 2 3 f12 4 5");
    }

    @Test
    void aCallOfTheLeafAndOneOfTheOutermostAddress() {
        assertThat(merged(read(frame(10), call(0), frame(11), call(5)))).isEqualTo("f10 0 1 2 3 4 f11 5");
    }

    /** What runs it was not found, but those around it were: it is between them. */
    @Test
    void aCallInTheMiddleThatIsNotOnTheStack() {
        PythonFrames frames = read(frame(10), call(1), frame(11), call(NO_INDEX), frame(12), call(4));
        assertThat(merged(frames)).isEqualTo("0 f10 1 2 3 f11 f12 4 5");
        assertThat(frames.unplaced()).isZero();
        assertThat(frames.calls()).isEqualTo(3);
    }

    /** One thread, two interpreters: each has a list of frames of its own. */
    @Test
    void callsOfTwoThreadStatesInterleave() {
        PythonFrames frames = read(frame(10), call(1), frame(11), call(5), frame(20), call(2), frame(21), call(4));
        assertThat(merged(frames)).isEqualTo("0 f10 1 f20 2 3 f21 4 f11 5");
    }

    @Test
    void whatIsNotOnTheStackStandsBehindIt() {
        PythonFrames frames = read(frame(10), call(1), frame(11), call(NO_INDEX), frame(12), frame(13), call(NO_INDEX));
        assertThat(merged(frames)).isEqualTo("0 f10 1 2 3 4 5 f11 f12 f13");
        assertThat(frames.unplaced()).isEqualTo(3);
    }

    /** Reading ended before the call was met. */
    @Test
    void framesWithoutACallStandBehindTheStack() {
        PythonFrames frames = new PythonFrames(words(frame(10), call(1), frame(11)), End.UNREADABLE);
        assertThat(merged(frames)).isEqualTo("0 f10 1 2 3 4 5 f11");
        assertThat(frames.unplaced()).isOne();
    }

    @Test
    void aCallBeyondTheStackIsItsEnd() {
        assertThat(merged(read(frame(10), call(9)))).isEqualTo("0 1 2 3 4 5 f10");
    }

    @Test
    void withoutFramesTheStackIsItself() {
        assertThat(PythonFrames.NONE.in(STACK)).isSameAs(STACK);
        assertThat(merged(read(frame(10), call(NO_INDEX)), new long[0])).isEqualTo("f10");
    }

    @Test
    void aFrameKeepsWhatItHolds() {
        long word = frame(0x7f12_3456_7890L)[0];
        long detail = detail(-1, 0xcafe_babe);
        assertThat(PythonFrames.isFrame(word)).isTrue();
        assertThat(PythonFrames.isFrame(call(3)[0])).isFalse();
        assertThat(PythonFrames.isFrame(0x7fff_ffff_f000L)).isFalse();
        assertThat(PythonFrames.code(word)).isEqualTo(0x7f12_3456_7890L);
        assertThat(PythonFrames.instruction(detail)).isEqualTo(-1);
        assertThat(PythonFrames.tag(detail)).isEqualTo(0xcafe_babe);
    }

    /** A detail may look like any word: it is none of its own. */
    @Test
    void aDetailIsNoFrameAndNoCall() {
        long[] first = {0xaL << 60 | 10, 0xaL << 60};
        long[] second = {0xaL << 60 | 11, 0xbL << 60 | 3L << 48};
        PythonFrames frames = read(first, second, call(2));
        assertThat(merged(frames)).isEqualTo("0 1 f10 f11 2 3 4 5");
        assertThat(frames.calls()).isOne();
    }

    @Test
    void onlyCallsThatAreNotPlacedAreAskedFor() {
        PythonFrames frames = read(frame(10), call(1), frame(11), call(NO_INDEX), frame(12), call(NO_INDEX));
        List<String> asked = new ArrayList<>();
        PythonFrames placed = frames.placed((number, local) -> {
            asked.add(number + " " + (local == LOCAL));
            return number == 1 ? 3 : -1;
        });
        assertThat(asked).containsExactly("1 true", "2 true");
        assertThat(merged(placed)).isEqualTo("0 f10 1 2 f11 3 4 5 f12");
        assertThat(placed.unplaced()).isOne();
        assertThat(placed.end()).isEqualTo(End.READ);
        assertThat(frames.unplaced()).as("those before").isEqualTo(2);
    }

    /** As many frames as an index can say, and one more. */
    @Test
    void anIndexThatCannotBeSaidIsNone() {
        PythonFrames frames = read(frame(10), call(NO_INDEX));
        assertThat(frames.placed((_, _) -> NO_INDEX - 1).unplaced()).isZero();
        assertThat(frames.placed((_, _) -> NO_INDEX).unplaced()).isOne();
    }

    @Test
    void aPlacedCallKeepsItsLocal() {
        PythonFrames placed = read(frame(10), call(NO_INDEX)).placed((_, _) -> 4);
        assertThat(placed.words()[2]).isEqualTo(0xbL << 60 | 4L << 48 | LOCAL);
    }

    private static PythonFrames read(long[]... words) {
        return new PythonFrames(words(words), End.READ);
    }

    private static long[] words(long[]... words) {
        return LongStream.concat(LongStream.empty(), List.of(words).stream().flatMapToLong(LongStream::of))
                .toArray();
    }

    private static long[] frame(long code) {
        return new long[] {0xaL << 60 | code, detail(7, 99)};
    }

    private static long detail(int instruction, int tag) {
        return (long) instruction << 32 | Integer.toUnsignedLong(tag);
    }

    private static long[] call(long index) {
        return new long[] {0xbL << 60 | index << 48 | LOCAL};
    }

    private static String merged(PythonFrames frames) {
        return merged(frames, STACK);
    }

    private static String merged(PythonFrames frames, long[] stack) {
        long[] words = frames.in(stack);
        List<String> texts = new ArrayList<>();
        for (int at = 0; at < words.length; at++) {
            if (PythonFrames.isFrame(words[at])) {
                texts.add("f" + PythonFrames.code(words[at++]));
            } else {
                texts.add(Long.toString(words[at]));
            }
        }
        return String.join(" ", texts);
    }

    /** The kernel side writes whole frames; what else lies there must not be taken for more than there is. */
    @Test
    void aFrameWithoutItsSecondWordIsNone() {
        PythonFrames cut = new PythonFrames(new long[] {0xaL << 60 | 1}, PythonFrames.End.TOO_DEEP);
        assertThat(cut.in(new long[] {1, 2})).containsExactly(1, 2);
        assertThat(cut.unplaced()).isZero();
        assertThat(cut.placed((_, _) -> 0).words()).hasSize(1);
    }
}
