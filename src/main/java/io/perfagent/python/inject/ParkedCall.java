package io.perfagent.python.inject;

/**
 * System calls in which a thread may be borrowed, the best first: those that the kernel enters again as if nothing had happened,
 * then those that it may end with EINTR, which CPython itself retries (PEP 475).
 */
public enum ParkedCall {
    SLEEP,
    ACCEPT,
    RECEIVE,
    /** Only of a pipe, socket, terminal or the like. */
    READ,
    CHILD_WAIT,
    /** FUTEX_WAIT_BITSET only, which semaphores and condition variables use; a plain FUTEX_WAIT may be malloc's lock. */
    FUTEX_WAIT,
    SIGNAL_WAIT,
    SELECT,
    EPOLL
}
