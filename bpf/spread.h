/* Durations counted by how long they were (struct spread). Of several CPUs at once. */
#pragma once
#include "abi.h"

/* Position of the highest bit that is set, of a number that is not 0: without a branch, each of which the verifier would go both ways. */
static inline __attribute__((always_inline)) u32 highest_bit(u64 value) {
    for (u32 shift = 1; shift < 64; shift *= 2) {
        value |= value >> shift;
    }
    value -= value >> 1 & 0x5555555555555555ULL; /* how many are set now: of two, of four, of eight, of all */
    value = (value & 0x3333333333333333ULL) + (value >> 2 & 0x3333333333333333ULL);
    value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    return (value * 0x0101010101010101ULL >> 56) - 1;
}

static inline __attribute__((always_inline)) u32 spread_bucket(u64 nanos) {
    if (nanos >> SPREAD_VALUE_BITS) {
        return SPREAD_BUCKETS - 1;
    }
    if (nanos < 1 << SPREAD_STEP_SHIFT) {
        return nanos;
    }
    u32 octave = highest_bit(nanos) - SPREAD_STEP_SHIFT;
    return ((octave + 1) << SPREAD_STEP_SHIFT) + ((nanos >> octave) & ((1 << SPREAD_STEP_SHIFT) - 1));
}

/* Another CPU may come between: then it is tried again, some times. */
static inline __attribute__((always_inline)) void raise_to(u64 *longest, u64 nanos) {
    for (int tries = 0; tries < 4; tries++) {
        u64 known = *(volatile u64 *)longest;
        if (nanos <= known || __sync_val_compare_and_swap(longest, known, nanos) == known) {
            return;
        }
    }
}

static inline __attribute__((always_inline)) void spread_add(struct spread *spread, u64 nanos, int cut) {
    u32 bucket = spread_bucket(nanos);
    if (bucket < SPREAD_BUCKETS) {
        __sync_fetch_and_add(&spread->buckets[bucket], 1);
    }
    __sync_fetch_and_add(&spread->sum, nanos);
    if (cut) {
        __sync_fetch_and_add(&spread->cut, 1);
    }
    raise_to(&spread->longest, nanos);
}
