/* The maps. Java sets the number of entries before the object is loaded: nothing is capped by a number written here.
 *
 *   processes ── struct process ──→ slabs: [ struct code_mapping … | page index … | rows … ]  written by Java
 *                                   slab 0 begins with the dictionary of struct unwind_rule
 *   walks, caches, counters: one element a CPU
 */
#pragma once
#include "kernel.h"
#include "walk.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 8 * 1024 * 1024);
} ring SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, u32);
    __type(value, struct process);
} processes SEC(".maps");

struct inner_slab {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(key_size, 4);
    __uint(value_size, 4 * SLAB_WORDS);
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
    __uint(max_entries, MAX_SLABS);
    __uint(key_size, 4);
    __array(values, struct inner_slab);
} slabs SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE); /* which begins at a page, as the window has to */
    __type(key, u32);
    __type(value, struct walk);
} walks SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct rule_cache);
} caches SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct cpu_counters);
} counters SEC(".maps");

/* A task, while it is off the CPU and while it is on one; by its number in the initial namespace. Whoever writes it writes `since` or
 * `running_since` first that ends, and the one last that begins: where both are what they were before, all between is of that moment.
 */
struct absence {
    u64 since; /* CLOCK_MONOTONIC; 0: it runs */
    u64 woken; /* likewise; 0: not yet */
    u64 holder; /* as in struct wait */
    u64 waker;  /* likewise */
    u64 waking; /* likewise */
    u64 weight; /* of the blocked part, where `weighed` */
    u64 running_since; /* likewise; 0: it is off the CPU, or nobody has seen it come to one */
    u64 cut;   /* likewise: time off the CPU before it has been handed over already */
    u64 id;    /* thread group and thread, by the agent's numbers */
    u32 state; /* bits of TASK_… */
    u32 weighed; /* 1: it was chosen or not when it was woken */
    struct thread_times times;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct absence);
} absences SEC(".maps");

ALWAYS_INLINE struct walk *this_walk(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&walks, &cpu);
}

ALWAYS_INLINE struct rule_cache *this_cache(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&caches, &cpu);
}
