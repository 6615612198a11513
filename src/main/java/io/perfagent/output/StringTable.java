package io.perfagent.output;

import io.perfagent.output.proto.ProfileProto;
import java.util.HashMap;
import java.util.Map;

/** The string table of a profile: each string once, the empty one first. */
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
        profile.addStringTable(text);
        return indices.size() - 1;
    }
}
