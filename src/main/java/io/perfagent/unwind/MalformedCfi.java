package io.perfagent.unwind;

/** Call-frame information that cannot be read. Without a stack trace: a hostile file raises it a million times. */
final class MalformedCfi extends Exception {
    private static final long serialVersionUID = 1;

    private final CfiError error;

    MalformedCfi(CfiError error) {
        super(error.description(), null, false, false);
        this.error = error;
    }

    CfiError error() {
        return error;
    }
}
