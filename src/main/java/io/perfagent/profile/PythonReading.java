package io.perfagent.profile;

import io.perfagent.model.PythonFrames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What came of reading CPython's frames. One thread at a time. */
@SuppressWarnings("EnumOrdinal") // reasons index their counters
public final class PythonReading {
    private final long[] byEnd = new long[PythonFrames.End.values().length];
    private long unplaced;

    void add(PythonFrames frames) {
        byEnd[frames.end().ordinal()]++;
        unplaced += frames.unplaced() > 0 ? 1 : 0;
    }

    /** With what came of it in another stretch. */
    public PythonReading plus(PythonReading other) {
        PythonReading sum = new PythonReading();
        sum.unplaced = unplaced + other.unplaced;
        Arrays.setAll(sum.byEnd, end -> byEnd[end] + other.byEnd[end]);
        return sum;
    }

    public long samples(PythonFrames.End end) {
        return byEnd[end.ordinal()];
    }

    /** Samples with frames whose call is not on the stack: they stand behind all others. */
    public long unplaced() {
        return unplaced;
    }

    /** A line for each reason why frames are missing or stand elsewhere. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (PythonFrames.End end : PythonFrames.End.values()) {
            if (end.lost() && samples(end) > 0) {
                lines.add("unread Python frames: " + samples(end) + " samples " + end.description());
            }
        }
        if (unplaced > 0) {
            lines.add("unplaced Python frames: " + unplaced
                    + " samples have some at their end, whose callers were not walked to");
        }
        return lines;
    }
}
