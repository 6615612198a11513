/* Code that processes make themselves, by address. What is met first is told to user space, which follows the instructions to the end of the
 * function and says what they do to the stack. There may be other code at the address by the next time: a hash tells.
 */
#pragma once
#include "code.h"

enum { MADE_CODE_HASH_SHIFT = 32 };

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 16384);
    __type(key, struct made_code_key);
    __type(value, struct made_code);
} made_code SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 65536);
} unknown_code SEC(".maps");

/* Of what read_code has read. */
ALWAYS_INLINE u32 hash_of_code(const struct walk *walk) {
    u64 hash = 0;
    for (u32 i = 0; i < sizeof walk->code; i += 8) {
        hash = (hash ^ *(const u64 *)(walk->code + i)) * 0x9e3779b97f4a7c15ULL;
    }
    return hash >> MADE_CODE_HASH_SHIFT;
}

/* Once for each address and each code there; where the ring is full, the next sample asks. */
ALWAYS_INLINE void ask(const struct made_code_key *key, u32 hash) {
    struct made_code asked = {0, hash, 0, 0};
    struct made_code_question question = {*key, user_registers()->r14};
    if (!bpf_ringbuf_output(&unknown_code, &question, sizeof question, 0)) {
        bpf_map_update_elem(&made_code, key, &asked, 0);
    }
}

/* Whether it returns as it did: what is between may have become another frame of another size. */
ALWAYS_INLINE int returns_as_known(struct walk *walk, u64 address, const struct made_code *known) {
    return !known->returns || (!read_code(walk, address + known->returns) && hash_of_code(walk) == known->returns_hash);
}

/* Whether what was called, walk->callee, has only jumped to where the frame is: user space knows, once it has been asked. */
__attribute__((noinline)) int callee_leads_here(void) {
    struct walk *walk = this_walk();
    if (!walk || read_code(walk, walk->callee)) {
        return 0;
    }
    struct made_code_key key = {walk->callee, walk->record.pid, walk->pc >> JUMP_BLOCK_SHIFT};
    struct made_code *known = bpf_map_lookup_elem(&made_code, &key);
    u32 hash = hash_of_code(walk);
    if (known && known->hash == hash) {
        return known->row == LEADS_THERE && (walk->pc & ((1 << JUMP_BLOCK_SHIFT) - 1)) >= known->returns;
    }
    ask(&key, hash);
    return 0;
}

/* The row behind row_of_code, which has read the code; 0 where nothing is known of it. */
__attribute__((noinline)) u32 row_of_made_code(void) {
    struct walk *walk = this_walk();
    if (!walk || walk->process.flags & PROCESS_FRAME_POINTERS) {
        return 0; /* its frame pointers say it */
    }
    struct made_code_key key = {walk->exact ? walk->pc : walk->pc + 1, walk->record.pid, 0};
    struct made_code *known = bpf_map_lookup_elem(&made_code, &key);
    u32 hash = hash_of_code(walk);
    if (known && known->hash == hash && returns_as_known(walk, key.address, known)) {
        return known->row;
    }
    ask(&key, hash);
    return 0;
}
