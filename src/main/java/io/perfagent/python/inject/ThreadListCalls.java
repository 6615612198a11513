package io.perfagent.python.inject;

/**
 * Runtime addresses of the functions that walk the lists of interpreters and of their threads; 0 where one is not exported.
 *
 * @param interpreters {@code PyInterpreterState_Head}
 * @param nextInterpreter {@code PyInterpreterState_Next}
 * @param threads {@code PyInterpreterState_ThreadHead}
 * @param nextThread {@code PyThreadState_Next}
 */
public record ThreadListCalls(long interpreters, long nextInterpreter, long threads, long nextThread) {
    boolean complete() {
        return interpreters != 0 && nextInterpreter != 0 && threads != 0 && nextThread != 0;
    }
}
