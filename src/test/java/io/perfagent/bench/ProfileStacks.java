package io.perfagent.bench;

import io.perfagent.output.proto.ProfileProto;
import java.util.HashSet;
import java.util.Set;

/**
 * The stacks of a profile, judged as those of the other profilers are: by the function that they end in.
 *
 * @param samples in the profile
 * @param complete of these, ending in the function that a thread begins in
 */
record ProfileStacks(long samples, long complete) {
    static ProfileStacks of(ProfileProto.Profile profile) {
        Set<Long> first = firstLocations(profile, firstFunctions(profile));
        long samples = 0;
        long complete = 0;
        for (ProfileProto.Sample sample : profile.getSampleList()) {
            int frames = sample.getLocationIdCount();
            samples += sample.getValue(0);
            complete += frames > 0 && first.contains(sample.getLocationId(frames - 1)) ? sample.getValue(0) : 0;
        }
        return new ProfileStacks(samples, complete);
    }

    private static Set<Long> firstFunctions(ProfileProto.Profile profile) {
        Set<Long> functions = new HashSet<>();
        for (ProfileProto.Function function : profile.getFunctionList()) {
            if (FirstFrames.contains(profile.getStringTable((int) function.getName()))) {
                functions.add(function.getId());
            }
        }
        return functions;
    }

    private static Set<Long> firstLocations(ProfileProto.Profile profile, Set<Long> functions) {
        Set<Long> locations = new HashSet<>();
        for (ProfileProto.Location location : profile.getLocationList()) {
            if (location.getLineCount() > 0
                    && functions.contains(
                            location.getLine(location.getLineCount() - 1).getFunctionId())) {
                locations.add(location.getId());
            }
        }
        return locations;
    }
}
