package io.perfagent.runtime.cpython;

import io.perfagent.model.PythonFrames;
import java.util.ArrayList;
import java.util.List;

/**
 * Which calls of the evaluation function run which frames, in versions that have one for each frame and nothing on the stack that says
 * which: the outermost call runs the outermost frame, and so on inwards. A call that has just begun may not have its frame yet. Where the
 * numbers differ by more, which is whose is not known, and none is shown.
 *
 * <pre>
 *   calls    leaf  E   E   E   E  thread's first frame
 *   frames             f   g   h
 * </pre>
 */
final class EvaluationCalls {
    private EvaluationCalls() {}

    /** @param complete whether the stack leads to the thread's first frame; else the innermost call has the innermost frame */
    static PythonFrames place(PythonFrames frames, long[] user, boolean complete, Python python) {
        List<Integer> calls = new ArrayList<>();
        for (int at = 0; at < user.length; at++) {
            if (python.evaluates(user[at])) {
                calls.add(at);
            }
        }
        int begun = calls.size() - frames.calls();
        boolean whole = frames.end() == PythonFrames.End.READ;
        if (complete && whole && (begun < 0 || begun > 1)) {
            return new PythonFrames(new long[0], PythonFrames.End.UNMATCHED);
        }
        int newest = complete && whole ? begun : 0;
        return frames.placed((number, _) -> newest + number < calls.size() ? calls.get(newest + number) : -1);
    }
}
