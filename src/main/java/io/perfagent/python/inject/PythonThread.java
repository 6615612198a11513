package io.perfagent.python.inject;

/**
 * A thread that has a thread state: it runs Python code, or has.
 *
 * @param tid as the process itself sees it
 * @param descriptor {@code pthread_self()}: the C library puts it at the top of the stack that it makes for a thread
 */
public record PythonThread(int tid, long descriptor) {}
