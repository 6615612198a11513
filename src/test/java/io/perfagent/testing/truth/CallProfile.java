package io.perfagent.testing.truth;

import io.perfagent.output.proto.ProfileProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A profile made of calls, as the agent would write it: of stacks that somebody else knows. */
final class CallProfile {
    private final ProfileProto.Profile.Builder profile = ProfileProto.Profile.newBuilder();
    private final Map<String, Long> strings = new HashMap<>();
    private final int pid;

    CallProfile(int pid) {
        this.pid = pid;
        text("");
    }

    /** A sample, its calls from the leaf outwards, each with the C function that ran it. */
    void add(List<Call> calls, long count) {
        ProfileProto.Sample.Builder sample = ProfileProto.Sample.newBuilder()
                .addValue(count)
                .addLabel(ProfileProto.Label.newBuilder().setKey(text("pid")).setNum(pid));
        for (Call call : calls) {
            sample.addLocationId(location(inProfile(call), call.file(), call.line(), call.start()));
            sample.addLocationId(location("_PyEval_EvalFrameDefault", "", 0, 0));
        }
        profile.addSample(sample);
    }

    ProfileProto.Profile profile() {
        return profile.build();
    }

    /** Viewers take functions of one name for one, so that those without a name of their own get that of their module. */
    private static String inProfile(Call call) {
        String module = call.file().replaceFirst(".*/", "").replaceFirst("\\.py$", "");
        return "py::" + call.name() + (call.name().matches("<[^.]+>") ? " " + module : "");
    }

    private long location(String name, String file, long line, long start) {
        long id = profile.getLocationCount() + 1L;
        profile.addFunction(ProfileProto.Function.newBuilder()
                .setId(id)
                .setName(text(name))
                .setFilename(text(file))
                .setStartLine(start));
        profile.addLocation(ProfileProto.Location.newBuilder()
                .setId(id)
                .addLine(ProfileProto.Line.newBuilder().setFunctionId(id).setLine(line)));
        return id;
    }

    private long text(String text) {
        Long known = strings.putIfAbsent(text, (long) profile.getStringTableCount());
        if (known == null) {
            profile.addStringTable(text);
            return profile.getStringTableCount() - 1L;
        }
        return known;
    }
}
