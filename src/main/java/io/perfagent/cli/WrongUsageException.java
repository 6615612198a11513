package io.perfagent.cli;

/** The command line makes no request; the message names the cause and the remedy, in one line. */
final class WrongUsageException extends Exception {
    private static final long serialVersionUID = 1;

    WrongUsageException(String message) {
        super(message);
    }
}
