/* The yardstick: the kernel's own walk by frame pointers, timed like the walker's. */
#include "../../../bpf/kernel.h"

char program_license[] SEC("license") = "GPL";

enum { FRAMES = 127, BPF_F_USER_STACK = 1 << 8 }; /* kernel.perf_event_max_stack, as the kernel has it at first */

struct counts {
    u32 pid; /* thread group to walk */
    u32 reserved;
    u64 samples;
    u64 frames;
    u64 nanos;
    u64 stack[FRAMES];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct counts);
} counts SEC(".maps");

/* One target of one thread: the only writer. */
SEC("perf_event")
int walk_frame_pointers(struct bpf_perf_event_data *ctx) {
    u32 zero = 0;
    struct counts *count = bpf_map_lookup_elem(&counts, &zero);
    if (!count || bpf_get_current_pid_tgid() >> 32 != count->pid) {
        return 0;
    }
    u64 start = bpf_ktime_get_ns();
    long bytes = bpf_get_stack(ctx, count->stack, sizeof count->stack, BPF_F_USER_STACK);
    count->nanos += bpf_ktime_get_ns() - start;
    count->frames += bytes > 0 ? (u32)bytes / 8 : 0;
    count->samples++;
    return 0;
}
