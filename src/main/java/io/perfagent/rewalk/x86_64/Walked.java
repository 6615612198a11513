package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;

/**
 * What a walk found.
 *
 * @param frames runtime addresses inside the instruction that runs or calls, from the frame that the walk began at
 * @param stackPointers of each of them
 * @param end why there are no more
 * @param guessed frames that were left by a guess
 * @param unsure whether one of the guesses may have jumped over frames
 * @param ownCode address among the frames that is in no file; 0 where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Walked(long[] frames, long[] stackPointers, WalkEnd end, int guessed, boolean unsure, long ownCode) {
    /** The frame that an address on the stack lies in, but for the last, whose end is not known; −1 where it is none. */
    public int frameAround(long address) {
        for (int at = 0; at + 1 < stackPointers.length; at++) {
            if (Long.compareUnsigned(address, stackPointers[at]) >= 0
                    && Long.compareUnsigned(address, stackPointers[at + 1]) < 0) {
                return at;
            }
        }
        return -1;
    }
}
