package io.perfagent.python.inject;

/**
 * System calls in which a thread may be borrowed, the best first: those that the kernel enters again as if nothing had happened,
 * then those that it may end with EINTR (signal(7)), which CPython itself retries (PEP 475).
 */
public enum ParkedCall {
    SLEEP,
    /** Only of a pipe, socket, terminal or the like. */
    READ,
    CHILD_WAIT,
    /** FUTEX_WAIT_BITSET only, which semaphores and condition variables use; a plain FUTEX_WAIT may be malloc's lock. */
    FUTEX_WAIT,
    SELECT,
    /** With a time limit of the socket. */
    ACCEPT,
    /** With a time limit of the socket. */
    RECEIVE,
    SIGNAL_WAIT,
    EPOLL;

    /** Whether it may end with EINTR, if the agent is killed while it holds the thread, and so cannot have it entered again. */
    boolean mayEndWithTheAgent() {
        return compareTo(ACCEPT) >= 0;
    }
}
