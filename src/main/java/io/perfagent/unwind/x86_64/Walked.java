package io.perfagent.unwind.x86_64;

import io.perfagent.model.WalkEnd;

/**
 * What a walk found.
 *
 * @param frames runtime addresses inside the instruction that runs or calls, from the frame that the walk began at
 * @param end why there are no more
 * @param guessed frames that were left by a guess
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Walked(long[] frames, WalkEnd end, int guessed) {}
