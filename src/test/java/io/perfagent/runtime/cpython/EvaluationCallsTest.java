package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.PythonFrames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Stacks as text, leaf first: {@code E} is an address in the evaluation function, {@code c} in its cold part, {@code .} anywhere else. */
class EvaluationCallsTest {
    private static final CodeRange LOOP = new CodeRange(0x1000, 0x2000);
    private static final CodeRange COLD = new CodeRange(0x800, 0x810);
    private static final long OTHER = 0x2000;

    @Test
    void eachCallHasOneFrame() {
        assertThat(placed(2, ".E..E.", true)).isEqualTo(".0E..1E.");
    }

    @Test
    void aCallInTheColdPart() {
        assertThat(placed(2, "c..E.", true)).isEqualTo("0c..1E.");
    }

    /** It has been entered, and has not made its frame the thread's innermost. */
    @Test
    void aCallThatHasJustBegunHasNoFrameYet() {
        assertThat(placed(2, "E.E.E.", true)).isEqualTo("E.0E.1E.");
    }

    /** Where the stack is cut the innermost ones are what is left of it. */
    @Test
    void inACutStackTheInnermostCallHasTheInnermostFrame() {
        assertThat(placed(3, ".E.E", false)).isEqualTo(".0E.1E2");
        assertThat(placed(1, "E.E.", false)).isEqualTo("0E.E.");
    }

    /** Another thread runs this one's state of another interpreter: its frames are not of this stack. */
    @Test
    void framesThatAreNotAsManyAsTheCallsAreLeftOut() {
        assertThat(placed(3, "E.E.", true)).isEqualTo("E.E.");
        assertThat(placed(2, "...", true)).isEqualTo("...");
        assertThat(placed(1, "E.E.E", true)).isEqualTo("E.E.E");
        assertThat(EvaluationCalls.place(frames(2), new long[] {OTHER}, true, python())
                        .end())
                .isEqualTo(PythonFrames.End.UNMATCHED);
    }

    private static String placed(int frames, String stack, boolean complete) {
        long[] user = stack.chars().mapToLong(EvaluationCallsTest::address).toArray();
        PythonFrames placed = EvaluationCalls.place(frames(frames), user, complete, python());
        StringBuilder text = new StringBuilder();
        long[] merged = placed.in(user);
        for (int at = 0; at < merged.length; at++) {
            text.append(PythonFrames.isFrame(merged[at]) ? PythonFrames.code(merged[at++]) : letter(merged[at]));
        }
        return text.toString();
    }

    private static long address(int letter) {
        return letter == '.' ? OTHER : letter == 'E' ? LOOP.end() - 1 : COLD.start();
    }

    private static String letter(long address) {
        return address == OTHER ? "." : address == COLD.start() ? "c" : "E";
    }

    /** Innermost first, 0, 1, …, none of them placed. */
    private static PythonFrames frames(int count) {
        List<Long> words = new ArrayList<>();
        for (long code = 0; code < count; code++) {
            words.addAll(List.of(0xaL << 60 | code, 0L, 0xbL << 60 | 0xfffL << 48));
        }
        return new PythonFrames(words.stream().mapToLong(Long::longValue).toArray(), PythonFrames.End.READ);
    }

    private static Python python() {
        PythonLayout layout = (PythonLayout) FixedLayouts.of(9);
        return new Python(
                layout,
                Objects.requireNonNull(KernelLayout.of(layout, 0x10000, Gil.Unknown.UNKNOWN, 0)),
                Map.of(),
                List.of(LOOP, COLD),
                Gil.Unknown.UNKNOWN);
    }
}
