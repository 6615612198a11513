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

ALWAYS_INLINE struct walk *this_walk(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&walks, &cpu);
}

ALWAYS_INLINE struct rule_cache *this_cache(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&caches, &cpu);
}
