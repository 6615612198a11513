/* What is known of tasks off the CPU: three look-ups at each switch, by a task's number in the initial namespace. The kernel's hash tables take
 * some 30 ns and a call for each, so these are two arrays, which take neither:
 *
 *   number ── / 8, modulo sets ──→ absence_sets[set] = { 4711, 0, 4713, … } ── set * 8 + its place among them ──→ absences[…]
 *
 * Numbers that follow on each other fill a set; those of eight processes that are as many sets apart have room in one.
 */
#pragma once
#include "kernel.h"

/* A task, while it is off the CPU and while it is on one. Whoever writes it writes `since` or `running_since` first that ends, and the one
 * last that begins: where both are what they were before, all between is of that moment.
 */
struct absence {
    u64 since; /* CLOCK_MONOTONIC; 0: it runs */
    u64 woken; /* likewise; 0: not yet, or nobody watches wake-ups (queue.h) */
    u64 queued_before; /* nanoseconds in run queues, when it left */
    u64 holder; /* as in struct wait */
    u64 waker;  /* likewise */
    u64 waking; /* likewise */
    u64 weight; /* of the blocked part, where `weighed` */
    u64 running_since; /* likewise; 0: it is off the CPU, or nobody has seen it come to one */
    u64 cut;   /* likewise: time off the CPU before it has been handed over already */
    u64 id;    /* thread group and thread, by the agent's numbers */
    u32 state; /* bits of TASK_… */
    u32 weighed; /* 1: it was chosen or not when it was woken */
    u32 python;  /* 1: its process runs CPython, as far as is known: it may wait for the lock of that */
    struct thread_times times;
};

enum { BEING_WRITTEN = ~0U };

struct absence_set {
    u32 tids[ABSENCE_SET_SIZE]; /* 0: free */
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct absence_set);
} absence_sets SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct absence);
} absences SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct wait_counters);
} wait_counters SEC(".maps");

ALWAYS_INLINE struct wait_counters *these_wait_counters(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&wait_counters, &cpu);
}

/* A wait of a task for which there is no room. */
ALWAYS_INLINE void leave_out(void) {
    struct wait_counters *count = these_wait_counters();
    if (count) {
        count->without_room++;
    }
}

ALWAYS_INLINE u32 set_of(u32 tid) { return tid / ABSENCE_SET_SIZE & (config.absence_sets - 1); }

/* Its place in a set, from 1 on; 0 where it has none. Without a branch, each of which the verifier would go both ways; clang would make some. */
ALWAYS_INLINE u32 place_in(const struct absence_set *set, u32 tid) {
    u64 place = 0;
    for (u64 i = 0; i < ABSENCE_SET_SIZE; i++) {
        u64 differs = set->tids[i] ^ tid;
        asm volatile("" : "+r"(differs));
        u64 same = (differs - 1) >> 63;
        place = (place & (same - 1)) | (same * (i + 1));
    }
    return place;
}

ALWAYS_INLINE struct absence *absence_at(u32 tid, u32 place) {
    u32 index = set_of(tid) * ABSENCE_SET_SIZE + place - 1;
    return place ? bpf_map_lookup_elem(&absences, &index) : 0;
}

ALWAYS_INLINE struct absence *absence_of(u32 tid) {
    u32 set = set_of(tid);
    const struct absence_set *tids = bpf_map_lookup_elem(&absence_sets, &set);
    return absence_at(tid, tids && tid ? place_in(tids, tid) : 0);
}

/* The same for those who are not in such a hurry, by a call: the verifier looks at it once. */
__attribute__((noinline)) u32 place_of(u32 tid) {
    u32 set = set_of(tid);
    const struct absence_set *tids = config.absence_sets ? bpf_map_lookup_elem(&absence_sets, &set) : 0;
    return tids ? place_in(tids, tid) : 0;
}

/* Takes a free place of a task's set, from 1 on, where nobody finds it before its number is written there; 0 where there is none. */
__attribute__((noinline)) u32 take_free_place(u32 tid) {
    u32 set = set_of(tid);
    struct absence_set *tids = bpf_map_lookup_elem(&absence_sets, &set);
    for (u32 i = 0; tids && i < ABSENCE_SET_SIZE; i++) {
        if (!__sync_val_compare_and_swap(&tids->tids[i], 0, BEING_WRITTEN)) {
            return i + 1;
        }
    }
    return 0;
}

/* Has a task known; one that had its number before is forgotten, or stays, as it is asked for. Returns 0 where there is no room. */
ALWAYS_INLINE int add_absence(u32 tid, const struct absence *absence, int replaces) {
    u32 known = place_of(tid), place = known ?: take_free_place(tid), set = set_of(tid);
    struct absence_set *tids = bpf_map_lookup_elem(&absence_sets, &set);
    struct absence *at = absence_at(tid, place);
    if (!tids || !at) {
        return 0;
    }
    if (!known || replaces) {
        u64 index = place - 1;
        asm volatile("" : "+r"(index)); /* a bound that clang knows it leaves out; verifiers of older kernels do not know it */
        *at = *absence;
        *(volatile u32 *)&tids->tids[index % ABSENCE_SET_SIZE] = tid;
    }
    return 1;
}

/* In whatever places: two CPUs may have added it at once. */
__attribute__((noinline)) int remove_absence(u32 tid) {
    u32 set = set_of(tid);
    struct absence_set *tids = bpf_map_lookup_elem(&absence_sets, &set);
    for (u32 i = 0; tids && i < ABSENCE_SET_SIZE; i++) {
        if (tids->tids[i] == tid) {
            *(volatile u32 *)&tids->tids[i] = 0;
        }
    }
    return 0;
}

/* Whether others have all places that a task could have. */
__attribute__((noinline)) int finds_no_room(u32 tid) {
    u32 set = set_of(tid);
    const struct absence_set *tids = bpf_map_lookup_elem(&absence_sets, &set);
    return tids && !place_in(tids, 0);
}
