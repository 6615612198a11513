/* What the scheduler does with threads: attached to its tracepoints (include/trace/events/sched.h). */
#include "scheduler.h"

char program_license[] SEC("license") = "GPL";

ABI_ENUM(spread_limit);
ABI_ENUM(switch_reason);
ABI_ENUM(hardware_counter);

SEC("tp_btf/sched_switch") /* preempted, from, to */
int switch_from_to(u64 *ctx) {
    return switch_threads((u8)ctx[0], (struct task_struct *)ctx[1], (struct task_struct *)ctx[2]);
}

SEC("tp_btf/sched_wakeup")
int wake_up(u64 *ctx) {
    return wake((struct task_struct *)ctx[0]);
}

SEC("tp_btf/sched_wakeup_new")
int wake_up_new(u64 *ctx) {
    return wake((struct task_struct *)ctx[0]);
}

SEC("tp_btf/sched_migrate_task")
int migrate(u64 *ctx) {
    return move((struct task_struct *)ctx[0]);
}

SEC("tp_btf/sched_process_fork") /* parent, child */
int follow_fork(u64 *ctx) {
    return follow((struct task_struct *)ctx[0], (struct task_struct *)ctx[1]);
}

SEC("tp_btf/sched_process_free")
int forget_process(u64 *ctx) {
    return forget((struct task_struct *)ctx[0]);
}

/* Those that follow run when user space says so, each on the CPU that it says. */

SEC("iter/task")
int take_targets(struct bpf_iter__task *ctx) {
    return take_given(ctx);
}

SEC("raw_tp")
int begin_on_cpu(void *ctx) {
    (void)ctx;
    return begin_here();
}

SEC("raw_tp")
int end_on_cpu(void *ctx) {
    (void)ctx;
    return end_here();
}

SEC("raw_tp")
int end_waits(void *ctx) {
    (void)ctx;
    return end_all_waits();
}
