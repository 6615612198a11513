package io.perfagent.python.inject;

/** What becomes of the system call that the routine interrupted (kernel/signal.c, arch_do_signal_or_restart). */
public enum Restart {
    /** Nothing: it has a result, or there was none. */
    NONE,
    /** It is entered again. */
    ALWAYS,
    /** It is entered again, unless a handler without SA_RESTART is about to run: then EINTR. */
    UNLESS_HANDLER_DECLINES,
    /** It is entered again, unless any handler is about to run: then EINTR. */
    UNLESS_HANDLED;

    /** The order of the constants is the contract with the routine. */
    @SuppressWarnings("EnumOrdinal")
    public int code() {
        return ordinal();
    }
}
