/* The threads of the targets, for user space to read their stacks while they wait: a program that the kernel runs for each task that there
 * is, each time the list is read. Nothing is done to any of them.
 *
 *   user registers lie on a thread's kernel stack from its entry into the kernel on: who is on no CPU has entered it
 */
#pragma once
#include "descriptor.h"
#include "maps.h"
#include "namespace.h"
#include "queue.h"

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

enum { MOST_LOOKS = 8, FIRST_ARGUMENT = 5 /* rdi */ };

/* Of one moment, which is returned: as it is written (struct absence). 0 where it was being written each time. A cut parts its time off the
 * CPU there, unless it comes back to one just then.
 */
ALWAYS_INLINE u64 look_at(struct thread_record *to, volatile struct absence *absence, int cuts) {
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
        u64 since = absence->since, running = absence->running_since;
        to->times.running = absence->times.running;
        to->times.blocked = absence->times.blocked;
        to->times.queued = absence->times.queued;
        to->times.sure_blocked = absence->times.sure_blocked;
        to->times.sure_queued = absence->times.sure_queued;
        to->woken = absence->woken;
        to->away_since = since;
        to->state = since ? absence->state : to->state; /* that of one which has been woken is 0 by now */
        to->cut = absence->cut;
        u64 now = bpf_ktime_get_ns();
        if (cuts && since) {
            __sync_lock_test_and_set((u64 *)&absence->cut, now);
        }
        if (absence->since == since && absence->running_since == running && (since || running)) {
            to->times.running += running && now > running ? now - running : 0;
            return now;
        }
    }
    return 0;
}

/* Its open time off the CPU is in no sum yet. */
ALWAYS_INLINE void add_open(struct thread_record *to) {
    u64 since = to->away_since, now = to->seen;
    if (since && now > since) {
        u64 woken = !to->state ? since : to->woken ?: now;
        woken = woken < since ? since : woken > now ? now : woken;
        to->times.blocked += woken - since;
        to->times.queued += now - woken;
    }
}

ALWAYS_INLINE void take_absence(struct thread_record *to, struct absence *absence, const struct task_struct *task, int cuts) {
    to->seen = look_at(to, absence, cuts);
    if (to->seen) {
        to->woken = to->woken || !to->away_since ? to->woken : runnable_by_now(absence, task, to->seen);
        add_open(to);
    } else {
        to->away_since = 0;
    }
}

ALWAYS_INLINE void take_thread(struct thread_record *to, struct task_struct *task, u64 id, int cuts) {
    struct absence *absence = absence_at(task->pid, place_of(task->pid));
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
    to->userless = !task->mm || task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
    if (absence) {
        take_absence(to, absence, task, cuts);
    } else if (cuts && !to->on_cpu && !to->userless && finds_no_room(task->pid)) {
        leave_out(); /* it may have waited since before the run */
    }
    to->fs_base = task->thread.fsbase; /* as it was when it left a processor last: no thread changes it */
    if (to->on_cpu || to->userless) {
        return;
    }
    to->first = task->mm->start_stack;
    take_registers(to, bpf_task_pt_regs(task));
    take_kernel_stack(to, task);
    if (cuts && to->call != POLL && to->call != PPOLL && to->call != ~0ULL) {
        to->descriptor = kind_of_descriptor(task, (u32)to->registers[FIRST_ARGUMENT]);
    }
}

/* Writes one of a target's threads to who reads the list. */
ALWAYS_INLINE int write_thread(struct bpf_iter__task *ctx, int cuts) {
    struct task_struct *task = ctx->task;
    u32 zero = 0;
    struct thread_record *record = bpf_map_lookup_elem(&thread, &zero);
    if (!task || !record) {
        return 0;
    }
    u64 id = config.pid_namespace ? ids_in(config.pid_namespace, task) : (u64)task->tgid << 32 | (u32)task->pid;
    u32 pid = id >> 32;
    if (pid && (bpf_map_lookup_elem(&processes, &pid) || (cuts && place_of(task->pid)))) {
        take_thread(record, task, id, cuts);
        bpf_seq_write(ctx->meta->seq, record, sizeof *record);
    }
    return 0;
}
