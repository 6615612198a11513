package io.perfagent.testing.truth;

import io.perfagent.output.proto.ProfileProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Python function on a stack, as a profile says.
 *
 * @param name of the function, qualified from 3.11 on, without what the profile puts around it
 * @param file that it was compiled from
 * @param line that runs or calls, 0 where none is given
 * @param start the first line of the function
 */
public record Call(String name, String file, long line, long start) {
    private static final String PYTHON = "py::";
    /** What has no name of its own is followed by its module. */
    private static final Pattern WITH_MODULE = Pattern.compile("(<[^<>.]+>) .*");

    /** The Python functions on the stack of a sample, from the leaf outwards. */
    static List<Call> of(ProfileProto.Sample sample, Index index) {
        List<Call> calls = new ArrayList<>();
        for (long id : sample.getLocationIdList()) {
            for (ProfileProto.Line line : index.location(id).getLineList()) {
                ProfileProto.Function function = index.function(line.getFunctionId());
                String name = index.text(function.getName());
                if (name.startsWith(PYTHON)) {
                    calls.add(new Call(
                            withoutModule(name.substring(PYTHON.length())),
                            index.text(function.getFilename()),
                            line.getLine(),
                            function.getStartLine()));
                }
            }
        }
        return calls;
    }

    private static String withoutModule(String name) {
        Matcher matcher = WITH_MODULE.matcher(name);
        return matcher.matches() ? matcher.group(1) : name;
    }

    @Override
    public String toString() {
        return name + " " + file + ":" + line + " (from " + start + ")";
    }

    /** The tables of a profile by their ids. */
    static final class Index {
        private final ProfileProto.Profile profile;
        private final Map<Long, ProfileProto.Location> locations = new HashMap<>();
        private final Map<Long, ProfileProto.Function> functions = new HashMap<>();

        Index(ProfileProto.Profile profile) {
            this.profile = profile;
            profile.getLocationList().forEach(location -> locations.put(location.getId(), location));
            profile.getFunctionList().forEach(function -> functions.put(function.getId(), function));
        }

        ProfileProto.Location location(long id) {
            return found(locations.get(id), "location", id);
        }

        ProfileProto.Function function(long id) {
            return found(functions.get(id), "function", id);
        }

        String text(long index) {
            return profile.getStringTable(Math.toIntExact(index));
        }

        private static <T> T found(@Nullable T entry, String what, long id) {
            if (entry == null) {
                throw new AssertionError("the profile has no " + what + " " + id);
            }
            return entry;
        }
    }
}
