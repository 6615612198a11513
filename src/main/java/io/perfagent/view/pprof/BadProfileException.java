package io.perfagent.view.pprof;

import java.io.IOException;

/** A file is no profile of pprof's, or one that is damaged; the message says what of it, and what to do. */
public final class BadProfileException extends IOException {
    private static final long serialVersionUID = 1;

    BadProfileException(String message) {
        super(message);
    }

    /** What was being written is not all there, or was never right. */
    public static BadProfileException damaged(String what) {
        return new BadProfileException("it is damaged: " + what + "; fetch or write it again");
    }
}
