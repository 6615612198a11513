package io.perfagent.runtime.hotspot;

import java.io.IOException;

/** What claims to be a JVM does not describe itself as one, or cannot be read. */
final class MalformedJvm extends IOException {
    private static final long serialVersionUID = 1;

    MalformedJvm(String message) {
        super(message);
    }
}
