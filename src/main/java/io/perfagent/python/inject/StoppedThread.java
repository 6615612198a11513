package io.perfagent.python.inject;

/**
 * A thread in a ptrace stop.
 *
 * @param programCounter where it goes on
 * @param stackPointer of the thread
 * @param systemCall the number of the call that it is in or has just left, −1 where none
 * @param registers the general registers as the kernel lays them out
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, handed straight back to the kernel
public record StoppedThread(long programCounter, long stackPointer, long systemCall, byte[] registers) {
    StoppedThread at(long other) {
        return new StoppedThread(other, stackPointer, systemCall, registers);
    }
}
