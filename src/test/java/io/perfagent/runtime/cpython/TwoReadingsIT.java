package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.agent.RawSamples;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.runtime.cpython.FrameWalk.Frame;
import io.perfagent.testing.Interpreter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames of threads that stay in a call of C, read by the kernel side in each sample's interrupt, and read from user space meanwhile: the
 * same code, at the same instruction, with the same tag, in the same order.
 */
class TwoReadingsIT {
    private static final int SAMPLES = 400;

    static List<Interpreter> interpreters(TestInfo test) {
        return Interpreter.everyOne() ? TestPythons.all() : Interpreter.inTurn(Interpreter.oneOfEachMinor(), test);
    }

    @ParameterizedTest
    @MethodSource("interpreters")
    void framesAreTheSameByBothReadings(Interpreter interpreter) throws Exception {
        try (PythonTalk target = PythonTalk.start(interpreter, "two_readings.py")) {
            long runtime = Long.parseLong(target.line());
            assertThat(target.answer()).isEmpty();
            PythonLayout layout = Layouts.of(interpreter, runtime, target);
            ThreadStates threads =
                    ThreadStates.read(layout, Layouts.interpreters(layout, runtime, target), target.memory());
            assertThat(threads.all()).as("the newest first").hasSize(2);
            Comparison comparison = new Comparison(layout, threads.all(), target);
            RawSamples.of(target.pid(), SAMPLES, comparison::take);
            System.out.println(
                    "two readings, " + interpreter.version() + " " + interpreter.linkage() + ": " + comparison);
            assertThat(comparison.others).isEmpty();
            assertThat(comparison.withTheGil).hasSizeGreaterThan(300);
            assertThat(comparison.without).hasSizeBetween(50, 70);
            assertThat(comparison.sameWith).isGreaterThan(20);
            assertThat(comparison.sameWithout).isGreaterThan(20);
        }
    }

    /** Of the thread that reads samples. By the first of them, both threads are where they stay. */
    private static final class Comparison {
        private final FrameWalk walk;
        private final List<ThreadState> threads;
        private final List<List<Frame>> others = new ArrayList<>();
        private List<Frame> withTheGil = List.of();
        private List<Frame> without = List.of();
        private int sameWith;
        private int sameWithout;

        Comparison(PythonLayout layout, List<ThreadState> threads, PythonTalk target) {
            this.walk = new FrameWalk(layout, target.memory());
            this.threads = threads;
        }

        boolean take(Sample sample) {
            if (withTheGil.isEmpty()) {
                withTheGil = read(threads.getLast());
                without = read(threads.getFirst());
            }
            boolean main = sample.tid() == sample.pid();
            List<Frame> frames = frames(sample);
            if (!frames.equals(main ? withTheGil : without)) {
                others.add(frames);
            } else if (main) {
                sameWith++;
            } else {
                sameWithout++;
            }
            return true;
        }

        private List<Frame> read(ThreadState thread) {
            try {
                return walk.frames(thread);
            } catch (MissedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public String toString() {
            return "the same " + sameWith + " times with the GIL (" + withTheGil.size() + " frames) and " + sameWithout
                    + " times without (" + without.size() + "), others " + others.size();
        }
    }

    private static List<Frame> frames(Sample sample) {
        List<Frame> frames = new ArrayList<>();
        sample.python()
                .forEach((word, detail) -> frames.add(new Frame(
                        PythonFrames.code(word), PythonFrames.instruction(detail), PythonFrames.tag(detail))));
        return frames;
    }
}
