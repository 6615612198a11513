package io.perfagent.api;

/**
 * A run could not start, could not go on, or its result could not be written: rights are missing, the kernel is too old, the target has
 * ended. The message is one line that names the cause and the remedy, as the command prints it.
 */
public final class PerfAgentException extends Exception {
    private static final long serialVersionUID = 1;

    PerfAgentException(String message, Throwable cause) {
        super(message, cause);
    }
}
