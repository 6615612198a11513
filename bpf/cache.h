/* Rules that the walks on one CPU have found, by where they were needed:
 *
 *   by_position  frames mostly lie where they lay in the thread's last sample. Neighbours on the stack are neighbours here: at 99 Hz,
 *                when nothing of this is in the processor's caches any more, a walk reads few lines of it. Deep recursion, which
 *                would run through all of it, uses it for its first frames
 *   by_address   the same code elsewhere on a stack, or on another
 *
 * The address of a call is remembered as such, a leaf as its block of 32 bytes, if one row covers that. An entry is 8 bytes:
 *
 *    63                                    20 19        0
 *   +----------------------------------------+-----------+
 *   | hash of address and process generation |   rule    |
 *   +----------------------------------------+-----------+
 *
 * A wrong rule would take two equal hashes of 44 bits in one place, or other code at the same address. A file's code stays as it is while
 * the generation does; a JVM puts new code where it has thrown old code away, so that its generation ends every second.
 */
#pragma once
#include "tables.h"

enum { HASH_SHIFT = 20, SLOT_SHIFT = 4, STACK_SHIFT = 23, POSITION_FRAMES = 512, JVM_EPOCH_SHIFT = 30 };

#define LEAF_BLOCK (1ULL << 63)

ALWAYS_INLINE u64 hash_of_call(const struct walk *walk, u64 code) { return (code + walk->salt) * 0x9e3779b97f4a7c15ULL; }

ALWAYS_INLINE u64 hash_of(const struct walk *walk) {
    return hash_of_call(walk, walk->exact ? (walk->pc & -(u64)BLOCK_BYTES) | LEAF_BLOCK : walk->pc);
}

/* Stacks of threads begin at multiples of some MiB: without the second term they would all lie in the same places. */
ALWAYS_INLINE u64 *position_slot(struct rule_cache *cache, u64 sp) {
    return &cache->by_position[((sp >> SLOT_SHIFT) + (sp >> STACK_SHIFT) * 1445) % CACHED_POSITIONS];
}

ALWAYS_INLINE u64 *address_slot(struct rule_cache *cache, u64 hash) {
    return &cache->by_address[(hash >> HASH_SHIFT) % CPU_CACHE_ROWS];
}

ALWAYS_INLINE int holds(u64 entry, u64 hash) { return (entry ^ hash) >> HASH_SHIFT == 0; }

ALWAYS_INLINE u64 entry_of(u64 hash, u32 rule) { return (hash & ~(u64)ROW_RULE_MASK) | rule; }
