/* Samples of tasks that run: attached to a cpu-clock event on each CPU; of tasks that run again. And what is known of threads that do not. */
#include "sample.h"
#include "threads.h"
#include "waits.h"
#include "events.h"

char program_license[] SEC("license") = "GPL";

ABI_ENUM(walk_end);
ABI_ENUM(abi_limit);
ABI_ENUM(row_op);
ABI_ENUM(row_bits);
ABI_ENUM(cfa_op);
ABI_ENUM(saved_op);
ABI_ENUM(process_flag);
ABI_ENUM(copy_mode);
ABI_ENUM(python_shape);
ABI_ENUM(python_word);
ABI_ENUM(python_end);
ABI_ENUM(sample_event);
ABI_ENUM(gil_role);
ABI_ENUM(gil_holder);
ABI_ENUM(descriptor_kind);
struct unwind_rule abi_unwind_rule __attribute__((used));
struct thread_record abi_thread_record __attribute__((used));
struct stopped_walk abi_stopped_walk __attribute__((used));
struct made_code_question abi_made_code_question __attribute__((used));
struct hotspot abi_hotspot __attribute__((used));
struct cpython abi_cpython __attribute__((used));
struct made_code_key abi_made_code_key __attribute__((used));
struct made_code abi_made_code __attribute__((used));
struct sent_code abi_sent_code __attribute__((used));
struct wait_counters abi_wait_counters __attribute__((used));
struct ended_thread abi_ended_thread __attribute__((used));

SEC("perf_event")
int sample_cpu(struct bpf_perf_event_data *ctx) {
    int in_kernel = !(((volatile struct pt_regs *)&ctx->regs)->cs & 3);
    take_sample(ctx, in_kernel, config.wall ? EVENT_WALL : EVENT_CPU_CLOCK, 1);
    return 0;
}

/* At each so manieth event of a CPU. */
SEC("perf_event")
int sample_event(struct bpf_perf_event_data *ctx) {
    int in_kernel = !(((volatile struct pt_regs *)&ctx->regs)->cs & 3);
    if (is_due(1)) {
        take_sample(ctx, in_kernel, EVENT_CPU_CLOCK, 1);
    }
    return 0;
}

/* At each event: here those of the targets are counted. */
SEC("tp")
int sample_tracepoint(void *ctx) {
    if (is_due(config.event_period)) {
        take_sample(ctx, 1, EVENT_CPU_CLOCK, 1);
    }
    return 0;
}

SEC("tp_btf/sched_switch")
int switch_tasks(u64 *ctx) {
    return switch_from_to((struct task_struct *)ctx[1], (struct task_struct *)ctx[2], ctx[0] & 1);
}

/* Of kernels that have it, from 6.15 on: in the task that the switch has come to, with interrupts on. */
SEC("tp_btf/sched_exit_tp")
int end_switch(u64 *ctx) {
    (void)ctx;
    return end_of_switch();
}

SEC("tp_btf/sched_waking")
int wake_task(u64 *ctx) {
    return wake((struct task_struct *)ctx[0]);
}

SEC("tp_btf/sched_process_fork")
int fork_task(u64 *ctx) {
    return follow_fork((struct task_struct *)ctx[0], (struct task_struct *)ctx[1]);
}

SEC("iter/task")
int prepare_waits(struct bpf_iter__task *ctx) {
    return prepare(ctx, 1);
}

/* Where no stack is taken by a timer. */
SEC("iter/task")
int prepare_waits_timeless(struct bpf_iter__task *ctx) {
    return prepare(ctx, 0);
}

/* As list_threads, and parts their time off the CPU at this moment. */
SEC("iter/task")
int cut_threads(struct bpf_iter__task *ctx) {
    return write_thread(ctx, 1);
}

SEC("iter/task")
int list_threads(struct bpf_iter__task *ctx) {
    return write_thread(ctx, 0);
}
