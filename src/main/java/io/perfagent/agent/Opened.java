package io.perfagent.agent;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has been opened of a whole that is not complete yet, and is closed again where the rest cannot be. One thread at a time. */
final class Opened {
    private final Deque<Runnable> closing = new ArrayDeque<>();

    /** Takes how one more part is closed. */
    void add(Runnable close) {
        closing.push(close);
    }

    /** Closes all parts, the last first. */
    void close() {
        while (!closing.isEmpty()) {
            closing.pop().run();
        }
    }
}
