/* Samples of events other than clocks: there may be very many, so no CPU takes more than so many a second. */
#pragma once
#include "sample.h"

enum { MOST_SAMPLES_A_SECOND = 10000, SECOND_NS = 1000000000 };

/* One element a CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct event_pace);
} paces SEC(".maps");

/* Whether a sample is to be taken of an event of the current task's: `period` is how many of them one stands for. */
ALWAYS_INLINE int is_due(u64 period) {
    u32 cpu = bpf_get_smp_processor_id();
    struct event_pace *pace = bpf_map_lookup_elem(&paces, &cpu);
    if (!pace || !is_target(bpf_get_current_task_btf()) || ++pace->since < period) {
        return 0;
    }
    pace->since = 0;
    u64 now = bpf_ktime_get_ns();
    if (now - pace->second >= SECOND_NS) {
        pace->second = now;
        pace->taken = 0;
    }
    if (pace->taken >= MOST_SAMPLES_A_SECOND) {
        pace->left_out++;
        return 0;
    }
    pace->taken++;
    return 1;
}
