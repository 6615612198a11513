/* The threads of the targets, for user space to read their stacks while they wait: a program that the kernel runs for each task that there
 * is, each time the list is read. Nothing is done to any of them.
 *
 *   user registers lie on a thread's kernel stack from its entry into the kernel on: who is on no CPU has entered it
 */
#pragma once
#include "maps.h"
#include "namespace.h"

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct thread_record);
} thread SEC(".maps");

ALWAYS_INLINE u64 switches(const struct task_struct *task) {
    const volatile struct task_struct *now = task;
    return now->nvcsw + now->nivcsw;
}

ALWAYS_INLINE void take_registers(struct thread_record *to, const struct pt_regs *regs) {
    u64 by_number[] = {regs->rax, regs->rdx, regs->rcx, regs->rbx, regs->rsi, regs->rdi, regs->rbp, regs->rsp,
                       regs->r8,  regs->r9,  regs->r10, regs->r11, regs->r12, regs->r13, regs->r14, regs->r15};
    __builtin_memcpy(to->registers, by_number, sizeof by_number);
    to->pc = regs->rip;
    to->call = (s64)regs->orig_rax < 0 ? ~0ULL : regs->orig_rax;
    to->compat = (regs->cs & 0xffff) == USER32_CS;
}

ALWAYS_INLINE void take_kernel_stack(struct thread_record *to, struct task_struct *task) {
    long bytes = bpf_get_task_stack(task, to->kernel, sizeof to->kernel, 0);
    to->kernel_frames = bytes > 0 ? (u32)bytes / 8 : 0;
}

ALWAYS_INLINE void take_absence(struct thread_record *to, const struct task_struct *task) {
    u32 tid = task->pid;
    struct absence *absence = bpf_map_lookup_elem(&absences, &tid);
    if (absence && absence->since) {
        to->away_since = absence->since;
        to->woken = absence->woken;
        to->state = absence->state; /* that of one which has been woken is 0 by now */
    }
}

ALWAYS_INLINE void take_thread(struct thread_record *to, struct task_struct *task, u64 id) {
    __builtin_memset(to, 0, sizeof *to);
    to->switches = switches(task);
    asm volatile("" ::: "memory");
    to->on_cpu = is_on_cpu(task);
    asm volatile("" ::: "memory");
    to->switches_after = switches(task);
    to->started = task->start_boottime;
    to->pid = id >> 32;
    to->tid = id;
    to->state = task->__state;
    bpf_probe_read_kernel(to->comm, sizeof to->comm, task->comm);
    take_absence(to, task);
    to->userless = !task->mm || task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
    to->fs_base = task->thread.fsbase; /* as it was when it left a processor last: no thread changes it */
    if (to->on_cpu || to->userless) {
        return;
    }
    to->first = task->mm->start_stack;
    take_registers(to, bpf_task_pt_regs(task));
    take_kernel_stack(to, task);
}

/* Writes one of a target's threads to who reads the list. */
ALWAYS_INLINE int write_thread(struct bpf_iter__task *ctx) {
    struct task_struct *task = ctx->task;
    u32 zero = 0;
    struct thread_record *record = bpf_map_lookup_elem(&thread, &zero);
    if (!task || !record) {
        return 0;
    }
    u64 id = config.pid_namespace ? ids_in(config.pid_namespace, task) : (u64)task->tgid << 32 | (u32)task->pid;
    u32 pid = id >> 32;
    if (pid && bpf_map_lookup_elem(&processes, &pid)) {
        take_thread(record, task, id);
        bpf_seq_write(ctx->meta->seq, record, sizeof *record);
    }
    return 0;
}
