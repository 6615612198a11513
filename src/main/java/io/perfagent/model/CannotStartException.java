package io.perfagent.model;

/** The run cannot start, or its result cannot be written: the message names the cause and the remedy, in one line. */
public final class CannotStartException extends Exception {
    private static final long serialVersionUID = 1;

    public CannotStartException(String message) {
        super(message);
    }

    public CannotStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
