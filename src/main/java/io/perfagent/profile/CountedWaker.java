package io.perfagent.profile;

import io.perfagent.model.Waker;

/**
 * Who ended a wait, addresses not yet named.
 *
 * @param process number of its image; 0 where it is no target
 * @param kernel addresses, leaf first, as in {@link CountedStack}
 * @param user likewise
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CountedWaker(
        Waker.Kind kind, int process, int pid, int tid, String threadName, long[] kernel, long[] user) {}
