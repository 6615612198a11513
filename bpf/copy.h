/* What a sample takes along when its walk met code that is not known yet: the frame that it stopped at and the stack above it, so that
 * user space walks on once the code is known.
 *
 *   copies, one element a CPU:  struct sample_record │ words │ struct stopped_walk │ stack …     leaves as one record
 *
 *   lower addresses                                     sp                                   higher addresses
 *   stack:                          │ red zone, 128 bytes │ frames of callers … │ page │ page │ end of the mapping, or enough
 *
 * Behind enough come the last bytes of the stack: between them and the others may be no more than a large array, such as the stack that Ruby
 * makes its threads on theirs.
 */
#pragma once
#include "walker.h"

enum {
    RED_ZONE = 128,
    COPY_HEAD = sizeof(struct sample_record) + 8 * MAX_WORDS + sizeof(struct stopped_walk), /* at most */
    COPY_READS = MAX_COPY_BYTES / 4096 + 1, /* of a page each, the first of a part */
    RING_PART = 8,      /* a copy takes no more than this part of what is left of the ring's first half */
    LEAST_COPY = 4096,  /* less is not worth taking */
};

struct copy_area {
    u8 bytes[COPY_HEAD + MAX_COPY_BYTES + 4096 + LAST_COPY_BYTES];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct copy_area);
} copies SEC(".maps");

ALWAYS_INLINE int met_unknown_code(const struct walk *walk) {
    return walk->end == END_NO_PROCESS || walk->end == END_TABLE_PENDING ||
           (walk->end == END_NO_MAPPING && !(walk->process.flags & PROCESS_MAKES_CODE));
}

ALWAYS_INLINE int wants_copy(const struct walk *walk) {
    return config.copy_mode == COPY_ALWAYS ? walk->end != END_NO_USER_STACK
                                           : config.copy_mode == COPY_UNKNOWN_CODE && met_unknown_code(walk);
}

/* Bytes of stack that may be copied; 0 where the ring is too full. Samples without a copy always find room. */
ALWAYS_INLINE u32 copy_room(void) {
    u64 half = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE) / 2, used = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
    u64 room = used < half ? (half - used) / RING_PART : 0;
    return room < LEAST_COPY ? 0 : room < MAX_COPY_BYTES ? room : MAX_COPY_BYTES;
}

/* Copies the stack from `from` on to position `to` of the area, page by page; those that cannot be read are noted in walk->holes. Returns
 * bytes, up to the last page that can. Without branches on what can: each would double what the verifier has to look at.
 */
__attribute__((noinline)) u32 copy_stack(u64 from, u32 to, u32 room) {
    u32 cpu = bpf_get_smp_processor_id(), tried = 0, copied = 0;
    struct copy_area *area = bpf_map_lookup_elem(&copies, &cpu);
    struct walk *walk = this_walk();
    u64 holes = 0;
    for (int i = 0; area && walk && i < COPY_READS; i++) {
        u64 address = from + tried;
        u32 at = to + tried, size = 4096 - address % 4096;
        if (tried >= room || at > sizeof area->bytes - 4096) {
            break;
        }
        tried += size;
        u64 hole = (u64)bpf_probe_read_user(area->bytes + at, size, (void *)address) >> 63; /* an error is negative */
        holes |= hole << i;
        copied += (tried - copied) & ((u32)hole - 1);
    }
    if (walk) {
        walk->holes = holes;
    }
    return copied;
}

/* The last bytes of a stack, all of them or none. */
ALWAYS_INLINE u32 copy_last(u64 end, u64 left, u32 to) {
    u32 fits = left >= LAST_COPY_BYTES && !(end % 4096);
    return fits && copy_stack(end - LAST_COPY_BYTES, to, LAST_COPY_BYTES) == LAST_COPY_BYTES ? LAST_COPY_BYTES : 0;
}

/* A saved register is below sp, where the copy does not reach: it is read now. What cannot be read stays an address. */
ALWAYS_INLINE void take_saved(u64 value, u64 at, u64 *to, u64 *to_at) {
    int saved = at != NOT_SAVED && at != VALUE_UNKNOWN;
    *to = value;
    *to_at = at;
    if (saved && !bpf_probe_read_user(to, 8, (void *)at)) {
        *to_at = NOT_SAVED;
    }
}

ALWAYS_INLINE void take_frame(const struct walk *walk, struct stopped_walk *to) {
    u64 word, below = (walk->sp - RED_ZONE) & ~7ULL;
    to->stack = bpf_probe_read_user(&word, 8, (void *)below) ? walk->sp & ~4095ULL : below; /* that page may not be there yet */
    to->pc = walk->pc;
    to->sp = walk->sp;
    take_saved(walk->rbp, walk->rbp_at, &to->rbp, &to->rbp_at);
    take_saved(walk->rbx, walk->rbx_at, &to->rbx, &to->rbx_at);
    to->exact = walk->exact;
    to->tentative = is_tentative(walk);
    if ((walk->exact || to->tentative) && !walk->registers_read) {
        read_leaf_registers();
    }
    __builtin_memcpy(to->registers, walk->registers, sizeof to->registers);
    to->newborn = newborn_thread();
}

/* Sends the sample with its copy; 0 where the ring has no room for both. */
__attribute__((noinline)) int send_with_copy(void) {
    u32 cpu = bpf_get_smp_processor_id(), room = copy_room();
    struct walk *walk = this_walk();
    struct copy_area *area = bpf_map_lookup_elem(&copies, &cpu);
    if (!room || !walk || !area) {
        return 0;
    }
    u32 words = walk->kernel_frames + walk->user_frames + walk->reading.words;
    if (words > MAX_WORDS) {
        return 0;
    }
    u32 head = sizeof walk->record + 8 * words;
    struct stopped_walk *stopped = (struct stopped_walk *)(area->bytes + head);
    take_frame(walk, stopped);
    u64 end = stack_end(walk->sp), stack = end - stopped->stack;
    u32 copied = copy_stack(stopped->stack, head + sizeof *stopped, stack < room ? stack : room);
    if (copied > MAX_COPY_BYTES + 4096) {
        return 0;
    }
    stopped->goes_on = copied >= room;
    stopped->first = first_stack();
    stopped->holes = walk->holes;
    stopped->last_end = end;
    stopped->last = copy_last(end, stack - copied, head + sizeof *stopped + copied);
    copied += stopped->last;
    walk->record.copied = sizeof *stopped + copied;
    bpf_probe_read_kernel(area->bytes, head, &walk->record);
    walk->record.copied = 0;
    return !bpf_ringbuf_output(&ring, area->bytes, head + sizeof *stopped + copied, 0);
}
