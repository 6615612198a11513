package io.perfagent.python.inject;

import org.jspecify.annotations.Nullable;

/**
 * A thread in a ptrace stop.
 *
 * @param programCounter where it goes on
 * @param stackPointer of the thread
 * @param systemCall the number of the call that the stop interrupted, −1 where none
 * @param resumption how it goes on; null where that cannot be told, so that it is to be left alone
 * @param registers the general registers as the kernel lays them out
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, handed straight back to the kernel
public record StoppedThread(
        long programCounter,
        long stackPointer,
        long systemCall,
        @Nullable Resumption resumption,
        byte[] registers) {}
