package io.perfagent.rewalk.x86_64;

import io.perfagent.model.WalkEnd;

/**
 * What a walk found.
 *
 * @param frames runtime addresses inside the instruction that runs or calls, from the frame that the walk began at
 * @param end why there are no more
 * @param guessed frames that were left by a guess
 * @param unsure whether one of the guesses may have jumped over frames
 * @param ownCode address among the frames that is in no file; 0 where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Walked(long[] frames, WalkEnd end, int guessed, boolean unsure, long ownCode) {}
