package io.perfagent.unwind.cfi;

/** Call-frame information that cannot be read. Without a stack trace: a hostile file raises it a million times. */
public final class MalformedCfi extends Exception {
    private static final long serialVersionUID = 1;

    private final CfiError error;

    public MalformedCfi(CfiError error) {
        super(error.description(), null, false, false);
        this.error = error;
    }

    public CfiError error() {
        return error;
    }
}
