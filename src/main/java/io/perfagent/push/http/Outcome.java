package io.perfagent.push.http;

import java.time.Duration;

/** What became of a request. */
public sealed interface Outcome {
    /** The store says that it took it. */
    @SuppressWarnings("ArrayRecordComponent") // looked at once, compared by none
    record Taken(byte[] answer) implements Outcome {}

    /**
     * Why not.
     *
     * @param cause the same whenever it is the same: stores put times and numbers of requests into what they say
     * @param text for people
     */
    record Why(String cause, String text) {
        /** Of a failure whose text is always the same. */
        static Why of(String text) {
            return new Why(text, text);
        }
    }

    /**
     * It did not, and may take it later.
     *
     * @param pause for how long it wants to be left alone; zero where it does not say
     * @param perhapsNever whether it fails of the request itself, as far as one can see
     */
    record Later(Why why, Duration pause, boolean perhapsNever) implements Outcome {}

    /** It never will. */
    record Refused(Why why) implements Outcome {}

    /** The answer was lost: what is sent a second time might be counted twice. */
    record Unconfirmed(Why why) implements Outcome {}
}
