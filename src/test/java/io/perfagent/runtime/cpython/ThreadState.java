package io.perfagent.runtime.cpython;

/**
 * A thread as an interpreter knows it; a thread that runs several interpreters has a state in each.
 *
 * @param address of its {@code PyThreadState}
 * @param id what {@code pthread_self()} says in it
 * @param nativeId what gettid(2) says in it, in the innermost PID namespace; 0 before 3.11
 */
public record ThreadState(long address, long id, long nativeId) {}
