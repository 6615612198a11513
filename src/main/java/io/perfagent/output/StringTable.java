package io.perfagent.output;

import io.perfagent.model.PrintableName;
import io.perfagent.output.proto.ProfileProto;
import java.util.HashMap;
import java.util.Map;

/**
 * The string table of a profile: each string once, the empty one first. Whatever goes into a profile passes here, names that other
 * processes chose included: viewers print them to terminals, so only what is printable goes in.
 */
final class StringTable {
    private final ProfileProto.Profile.Builder profile;
    private final Map<String, Integer> indices = new HashMap<>();

    StringTable(ProfileProto.Profile.Builder profile) {
        this.profile = profile;
        var _ = index("");
    }

    int index(String text) {
        Integer known = indices.putIfAbsent(text, indices.size());
        if (known != null) {
            return known;
        }
        profile.addStringTable(PrintableName.whole(text));
        return indices.size() - 1;
    }
}
