package io.perfagent.push.http;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a store is reached. Secrets are read from their files for each delivery, so that new ones hold at once; they are in no option, no log line
 * and no file of ours.
 *
 * @param ca certificates, PEM, of whom the store's may be signed by, in place of those of the system; null for these
 * @param tokenFile with a bearer token; null without one
 * @param basicFile with {@code user:password}; null without them
 * @param headersFile with a line {@code Name: value} for each more header; null without them
 * @param tenant {@code X-Scope-OrgID}, {@code ""} for none
 */
public record Access(
        @Nullable Path ca,
        @Nullable Path tokenFile,
        @Nullable Path basicFile,
        @Nullable Path headersFile,
        String tenant) {
    /** For whoever comes. */
    public static final Access OPEN = new Access(null, null, null, null, "");

    /** Whether there is something to be kept secret. */
    public boolean hasSecrets() {
        return tokenFile != null || basicFile != null || headersFile != null;
    }
}
