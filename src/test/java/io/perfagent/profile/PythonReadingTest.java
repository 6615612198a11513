package io.perfagent.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.PythonFrames;
import io.perfagent.model.PythonFrames.End;
import org.junit.jupiter.api.Test;

class PythonReadingTest {
    private static final long FRAME = 0xaL << 60;
    private static final long CALL = 0xbL << 60;
    private static final long NO_INDEX = 0xfffL << 48;

    private final PythonReading reading = new PythonReading();

    /** Not even where threads run no Python, as those of libraries do. */
    @Test
    void nothingIsSaidWhereNothingIsMissing() {
        reading.add(PythonFrames.NONE);
        reading.add(new PythonFrames(new long[0], End.NO_THREAD));
        reading.add(new PythonFrames(new long[] {FRAME, 0, CALL}, End.READ));
        assertThat(reading.lines()).isEmpty();
        assertThat(reading.samples(End.READ)).isOne();
        assertThat(reading.samples(End.NO_THREAD)).isOne();
    }

    @Test
    void samplesByCause() {
        reading.add(new PythonFrames(new long[] {FRAME, 0, CALL}, End.UNREADABLE));
        reading.add(new PythonFrames(new long[0], End.UNREADABLE));
        reading.add(new PythonFrames(new long[] {FRAME, 0, FRAME, 0, CALL | NO_INDEX}, End.TOO_DEEP));
        assertThat(reading.lines())
                .containsExactly(
                        "unread Python frames: 2 samples whose memory is not what it should be",
                        "unread Python frames: 1 samples of thousands of frames, without the outermost",
                        "unplaced Python frames: 1 samples have some at their end, whose callers were not walked to");
        assertThat(reading.unplaced()).as("samples, not frames").isOne();
    }
}
