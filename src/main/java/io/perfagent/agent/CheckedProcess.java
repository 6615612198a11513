package io.perfagent.agent;

import io.perfagent.python.Inspection;
import io.perfagent.python.Outlook;
import io.perfagent.python.PythonBuild;
import io.perfagent.python.TrampolineState;
import io.perfagent.python.Verdict;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Route;
import io.perfagent.runtime.cpython.FrameProspect;
import io.perfagent.runtime.cpython.LayoutRefusal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code perf-agent check} says of one process.
 *
 * @param pid host PID
 * @param comm its name, which is under its own control
 * @param inspection what a run with --inject-python would do
 * @param frames whether a run would read the interpreter's frames; null where there is no such process
 */
record CheckedProcess(
        int pid,
        String comm,
        Inspection inspection,
        @Nullable FrameProspect frames) {
    /** Whether a run would name its Python functions without touching it. */
    boolean readable() {
        return frames instanceof FrameProspect.ByReading;
    }

    /** Whether any of its functions could be Python's. */
    boolean runsPython() {
        return readable() || !reason().equals(InjectRefusal.NOT_PYTHON.label());
    }

    /** Whether a run with --inject-python would get names from it. */
    boolean ready() {
        return inspection.verdict() instanceof Verdict.Candidate;
    }

    /** The label of the reason, {@code ""} where there is none. */
    String reason() {
        return switch (inspection.verdict()) {
            case Verdict.Candidate _ -> "";
            case Verdict.Refused refused -> refused.reason().label();
        };
    }

    /** Every field, in the order in which they are shown. The names are part of what users rely on; null is "does not apply". */
    Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("pid", pid);
        fields.put("comm", comm);
        fields.put("frames", frames == null ? null : frames(frames, inspection.build()));
        PythonBuild build = inspection.build();
        switch (inspection.verdict()) {
            case Verdict.Candidate candidate -> {
                fields.put("verdict", isOn(candidate.outlook()) ? "already_on" : "ready");
                describe(fields, null, build);
                describe(fields, candidate.outlook());
                fields.put("detail", plan(candidate.outlook()));
            }
            case Verdict.Refused refused -> {
                fields.put("verdict", "refused");
                describe(fields, refused.reason().label(), build);
                describe(fields, null);
                fields.put("detail", refused.detail());
            }
        }
        return fields;
    }

    /** What a run would name by reading, or why it would not. */
    private static String frames(FrameProspect frames, @Nullable PythonBuild build) {
        return switch (frames) {
            case FrameProspect.ByReading(int minor) -> version(minor, build) + " by reading";
            case FrameProspect.NoInterpreter() -> build == null ? "not_python" : "no_symbols";
            case LayoutRefusal refusal -> refusal.label();
        };
    }

    /** Only from 3.11 on it is known to the last digit. */
    private static String version(int minor, @Nullable PythonBuild build) {
        String version = "3." + minor;
        return build != null && build.version().startsWith(version + ".") ? build.version() : version;
    }

    private static void describe(
            Map<String, @Nullable Object> fields, @Nullable String reason, @Nullable PythonBuild build) {
        fields.put("reason", reason);
        fields.put("version", build == null || build.version().isEmpty() ? null : build.version());
        fields.put("kind", build == null ? null : build.kind().label());
        fields.put("interpreter", build == null ? null : build.path());
    }

    private static void describe(Map<String, @Nullable Object> fields, @Nullable Outlook outlook) {
        Route route = outlook == null ? null : outlook.route();
        fields.put("trampoline", outlook == null ? null : outlook.trampoline().label());
        fields.put("set_up_before", outlook == null ? null : outlook.onRecord());
        int guests = outlook == null ? 0 : outlook.subinterpreters().count();
        fields.put("subinterpreters", guests == 0 ? null : guests);
        fields.put("route", route == null ? null : route.label());
    }

    private static boolean isOn(Outlook outlook) {
        return outlook.trampoline() == TrampolineState.ON;
    }

    private static String unnamed(Outlook outlook) {
        int count = outlook.subinterpreters().count();
        String guests = count == 0 ? "" : "; has " + count + " subinterpreters, whose functions get no trampolines";
        return guests + (outlook.compiled() ? "; compiled by Nuitka, its own functions get no trampolines" : "");
    }

    private static String plan(Outlook outlook) {
        if (isOn(outlook)) {
            return "a run finds names, and switches the trampoline off at its end unless told to keep it"
                    + unnamed(outlook);
        }
        String how = outlook.onRecord() ? "switches the trampoline on again" : "sets the trampoline up";
        String where = outlook.route() == null ? "waits for a safe moment and " : "";
        String unless = outlook.filtered() ? ", if its seccomp filter allows that: only a run can read it" : "";
        return "a run " + where + how + ", and off at its end" + unless + unnamed(outlook);
    }
}
