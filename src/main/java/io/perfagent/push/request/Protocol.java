package io.perfagent.push.request;

import io.perfagent.model.Profile;
import java.io.IOException;
import java.util.Map;

/** How a store is spoken to. */
public interface Protocol {
    /** Makes the requests that deliver a profile: each sample is in exactly one of them. */
    void requests(Profile profile, RequestSink sink) throws IOException;

    /** Headers that the store wants beside those of a request. */
    default Map<String, String> headers() {
        return Map.of();
    }

    /** How many profiles of a request the store says in an answer of success that it did not take; 0 where it says none. */
    default int rejected(byte[] answer) {
        return 0;
    }
}
