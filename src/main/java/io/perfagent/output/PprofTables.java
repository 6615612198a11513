package io.perfagent.output;

import io.perfagent.model.BuildId;
import io.perfagent.model.Call;
import io.perfagent.model.Location;
import io.perfagent.model.Module;
import io.perfagent.output.proto.ProfileProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The mappings, functions and locations of a profile, each once; ids count from 1.
 *
 * <p>Mappings say that they have functions, so that pprof takes names as they are instead of reading binaries of the machine
 * it runs on. Code without a binary has no mapping.
 */
final class PprofTables {
    private final ProfileProto.Profile.Builder profile;
    private final StringTable strings;
    private final Map<Module, Long> mappings = new HashMap<>();
    private final Map<FunctionKey, Long> functions = new HashMap<>();
    private final Map<LocationKey, Long> locations = new HashMap<>();
    private final IdentityHashMap<Location, Long> seen = new IdentityHashMap<>();

    PprofTables(ProfileProto.Profile.Builder profile, StringTable strings) {
        this.profile = profile;
        this.strings = strings;
    }

    // Hashes by hand: those that records get go through method handles, and there is one for each frame.

    private record FunctionKey(String name, String systemName, String file, int startLine) {
        @Override
        public int hashCode() {
            return (31 * name.hashCode() + file.hashCode()) * 31 + startLine;
        }
    }

    private record Line(long function, int line) {
        @Override
        public int hashCode() {
            return 31 * Long.hashCode(function) + line;
        }
    }

    /** With its lines: anonymous addresses mean different code in different processes, and frames of an interpreter have none. */
    private record LocationKey(long mapping, long address, List<Line> lines) {
        @Override
        public int hashCode() {
            return (31 * Long.hashCode(mapping) + Long.hashCode(address)) * 31 + lines.hashCode();
        }
    }

    /** The id of a location. These are mostly the same objects again and again, so identity is asked first. */
    long location(Location location) {
        Long known = seen.get(location);
        if (known == null) {
            known = distinctLocation(location);
            seen.put(location, known);
        }
        return known;
    }

    private long distinctLocation(Location location) {
        Module module = location.module();
        long mapping = module == null ? 0 : mapping(module);
        LocationKey key = new LocationKey(mapping, location.address(), lines(location));
        Long known = locations.putIfAbsent(key, locations.size() + 1L);
        if (known != null) {
            return known;
        }
        ProfileProto.Location.Builder added = ProfileProto.Location.newBuilder()
                .setId(locations.size())
                .setMappingId(mapping)
                .setAddress(key.address());
        for (Line line : key.lines) {
            added.addLine(
                    ProfileProto.Line.newBuilder().setFunctionId(line.function).setLine(line.line));
        }
        profile.addLocation(added);
        return locations.size();
    }

    private List<Line> lines(Location location) {
        List<Line> lines = new ArrayList<>(location.calls().size());
        for (Call call : location.calls()) {
            lines.add(new Line(function(location.kind(), call), call.line()));
        }
        return lines;
    }

    long mapping(Module module) {
        Long known = mappings.putIfAbsent(module, mappings.size() + 1L);
        if (known != null) {
            return known;
        }
        BuildId buildId = module.buildId();
        profile.addMapping(ProfileProto.Mapping.newBuilder()
                .setId(mappings.size())
                .setMemoryStart(module.start())
                .setMemoryLimit(module.end())
                .setFileOffset(module.fileOffset())
                .setFilename(strings.index(module.path()))
                .setBuildId(strings.index(buildId == null ? "" : buildId.hex()))
                .setHasFunctions(true));
        return mappings.size();
    }

    private long function(Location.Kind kind, Call call) {
        FunctionKey key =
                new FunctionKey(FunctionName.of(kind, call), systemName(kind, call), call.file(), call.startLine());
        Long known = functions.putIfAbsent(key, functions.size() + 1L);
        if (known != null) {
            return known;
        }
        profile.addFunction(ProfileProto.Function.newBuilder()
                .setId(functions.size())
                .setName(strings.index(key.name()))
                .setSystemName(strings.index(key.systemName()))
                .setFilename(strings.index(key.file()))
                .setStartLine(key.startLine()));
        return functions.size();
    }

    /**
     * pprof demangles a function whose two names are equal; and where it finds nothing to demangle, it strips whatever
     * stands in angle or square brackets, which would cost {@code py::<module>} its name. So only mangled names are equal, others have
     * their symbol where it differs: pprof then leaves the name as it is.
     */
    private static String systemName(Location.Kind kind, Call call) {
        String name = call.function();
        boolean mangled = kind == Location.Kind.NATIVE && (name.startsWith("_Z") || name.startsWith("_R"));
        return mangled || !call.symbol().equals(name) ? call.symbol() : "";
    }
}
