package io.perfagent.python.inject;

/**
 * How the routine leaves to where the thread was.
 *
 * @param programCounter where it jumps to: the system call instruction itself when that is entered again
 * @param result of the system call, or the number to enter it with
 * @param interruptedAt where it jumps to when the call ends with EINTR instead
 * @param restart when that is
 * @param processorState what the routine gives back but cannot read itself; 0 where it can read all
 */
public record Resumption(long programCounter, long result, long interruptedAt, Restart restart, int processorState) {}
