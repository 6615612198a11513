package io.perfagent.top;

import io.perfagent.model.PythonFrames;
import io.perfagent.model.SymbolMiss;
import io.perfagent.profile.Completeness;
import io.perfagent.report.RunFacts;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stretch of time lacks.
 *
 * @param dropped samples that were taken and could not be kept
 * @param cut samples whose stack lacks callers, or may lack some
 * @param unread samples whose Python frames could not be read
 * @param unnamed frames without a name, each once for each sample
 * @param missed other causes: processes and tables, each of which has a line of its own
 */
record Losses(long dropped, long cut, long unread, long unnamed, long missed) {
    static final Losses NONE = new Losses(0, 0, 0, 0, 0);

    static Losses of(RunFacts facts) {
        Completeness completeness = facts.completeness();
        long unread = 0;
        for (PythonFrames.End end : PythonFrames.End.values()) {
            unread += end.lost() ? facts.pythonReading().samples(end) : 0;
        }
        long unnamed = 0;
        for (SymbolMiss miss : SymbolMiss.values()) {
            unnamed += facts.naming().unnamed(miss);
        }
        return new Losses(
                facts.dropped(),
                completeness.userSamples() - completeness.complete(),
                unread,
                unnamed,
                facts.missed().size());
    }

    String text() {
        List<String> parts = new ArrayList<>();
        add(parts, dropped, "samples dropped");
        add(parts, cut, "stacks cut");
        add(parts, unread, "without Python frames");
        add(parts, unnamed, "frames unnamed");
        add(parts, missed, "other causes");
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private static void add(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }
}
