package io.perfagent.output;

import io.perfagent.model.BuildId;
import io.perfagent.model.Frame;
import io.perfagent.model.Module;
import io.perfagent.output.proto.ProfileProto;
import java.util.HashMap;
import java.util.IdentityHashMap;
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
    private final IdentityHashMap<Frame, Long> seen = new IdentityHashMap<>();

    PprofTables(ProfileProto.Profile.Builder profile, StringTable strings) {
        this.profile = profile;
        this.strings = strings;
    }

    private record FunctionKey(String name, String systemName, String file) {}

    /** With its function: anonymous addresses mean different code in different processes. */
    private record LocationKey(long mapping, long address, long function) {}

    /** The location of a frame. Frames are mostly the same objects again and again, so identity is asked first. */
    long location(Frame frame) {
        Long known = seen.get(frame);
        if (known == null) {
            known = distinctLocation(frame);
            seen.put(frame, known);
        }
        return known;
    }

    private long distinctLocation(Frame frame) {
        Module module = frame.module();
        long mapping = module == null ? 0 : mapping(module);
        LocationKey key = new LocationKey(mapping, frame.address(), function(frame));
        Long known = locations.putIfAbsent(key, locations.size() + 1L);
        if (known != null) {
            return known;
        }
        profile.addLocation(ProfileProto.Location.newBuilder()
                .setId(locations.size())
                .setMappingId(mapping)
                .setAddress(key.address())
                .addLine(ProfileProto.Line.newBuilder().setFunctionId(key.function())));
        return locations.size();
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

    private long function(Frame frame) {
        FunctionKey key = new FunctionKey(FunctionName.of(frame), systemName(frame), frame.file());
        Long known = functions.putIfAbsent(key, functions.size() + 1L);
        if (known != null) {
            return known;
        }
        profile.addFunction(ProfileProto.Function.newBuilder()
                .setId(functions.size())
                .setName(strings.index(key.name()))
                .setSystemName(strings.index(key.systemName()))
                .setFilename(strings.index(key.file())));
        return functions.size();
    }

    /**
     * pprof demangles a function whose two names are equal; and where it finds nothing to demangle, it strips whatever
     * stands in angle or square brackets, which would cost {@code py::<module>} its name. So only mangled names are equal, others have
     * their symbol where it differs: pprof then leaves the name as it is.
     */
    private static String systemName(Frame frame) {
        String name = frame.function();
        boolean mangled = frame.kind() == Frame.Kind.NATIVE && (name.startsWith("_Z") || name.startsWith("_R"));
        return mangled || !frame.symbol().equals(name) ? frame.symbol() : "";
    }
}
