/* A sample, whatever event it is of: the walk of the stacks of the task that runs, its words of Python, and the record that leaves. */
#pragma once
#include "copy.h"
#include "gil.h"
#include "hotspot.h"
#include "namespace.h"

/* Once execve has put another program in its place, the old one's registers are still there, but not its stack.
 * (arch/x86/entry/syscalls/syscall_64.tbl: execve 59, execveat 322.)
 */
ALWAYS_INLINE int stack_is_replaced(const struct walk *walk, const struct pt_regs *regs) {
    u64 call = regs->orig_rax, word;
    return walk->record.in_kernel && (call == 59 || call == 322) &&
           bpf_probe_read_user(&word, sizeof word, (void *)regs->rsp);
}

/* Returns 0 where there is no user stack. */
ALWAYS_INLINE int begin(struct walk *walk) {
    struct task_struct *task = bpf_get_current_task_btf();
    if (task->flags & PF_KTHREAD || !task->mm) {
        return 0;
    }
    const struct pt_regs *regs = user_registers();
    if (stack_is_replaced(walk, regs)) {
        return 0;
    }
    enter_exact(walk, regs->rip, regs->rsp, regs->rbp, regs->rbx);
    walk->registers_read = 0;
    walk->moved = 0;
    walk->made_up = 0;
    walk->window_size = 0;
    walk->end = END_TOO_DEEP;
    return 1;
}

/* A cut walk that has come no further than to the leaf's caller, which is none: call-frame information leaves out what some functions push, such
 * as OpenSSL's for AES-XTS. It goes on from the leaf as from code that nothing describes.
 */
__attribute__((noinline)) int leaves_leaf_by_guess(void) {
    struct walk *walk = this_walk();
    u64 rbp;
    if (!walk || !walk->made_up || walk->user_frames != 1 || config.unwind_mode != MODE_AUTO) {
        return 0;
    }
    walk->user_frames = 0;
    begin(walk);
    walk->user_frames = 1;
    u32 rule = guess_of_leaf() ?: guess_by_frame_pointer(stop(END_NO_RULE));
    walk->guessed += rule >> ROW_OP_SHIFT != ROW_STOP;
    if (rule >> ROW_OP_SHIFT == ROW_RSP) {
        return !go_to_caller(walk, walk->sp + 8, walk->sp);
    }
    if (rule != row_frame_pointer() || load_register(walk, REG_RBP, &rbp)) {
        return !finish(walk, END_NOT_CALLED);
    }
    walk->rbp_at = rbp;
    return !go_to_caller(walk, rbp + 16, rbp + 8);
}

/* A null context: the verifier then forgets nothing between steps that it would have to prove again. */
static long next_frame(u32 index, void *context) {
    (void)index;
    (void)context;
    struct walk *walk = this_walk();
    struct rule_cache *cache = this_cache();
    if (!walk || !cache) {
        return 1;
    }
    if (!walk->exact) {
        pass_ordinary_frames(walk, cache);
    }
    return step(walk, cache) && !leaves_leaf_by_guess();
}

ALWAYS_INLINE void walk_user(struct walk *walk, const struct process *process, u64 now) {
    walk->user_frames = 0;
    walk->cache_hits = 0;
    walk->guessed = 0;
    walk->unsure = config.unwind_mode == MODE_FP; /* the caller of a function without frame is jumped over */
    if (!begin(walk)) {
        walk->end = END_NO_USER_STACK;
        return;
    }
    int wide = (user_registers()->cs & 0xffff) != USER32_CS;
    if (!process || !wide) {
        walk->frames[walk->kernel_frames % (2 * MAX_KERNEL_FRAMES)] = walk->pc; /* there may be all of them */
        walk->user_frames = 1;
        walk->end = wide ? END_NO_PROCESS : END_COMPAT;
        return;
    }
    /* The last walk's last mapping is as good a start as any, if it was the same process in the same state. */
    if (walk->process.generation != process->generation) {
        walk->mapping.start = 0;
        walk->mapping.end = 0;
    }
    walk->process = *process;
    u64 epoch = process->hotspot ? now >> JVM_EPOCH_SHIFT : 0;
    walk->salt = (process->generation + (epoch << 32)) * 0xd6e8feb86659fd93ULL;
    bpf_loop(MAX_USER_FRAMES + 1, next_frame, 0, 0);
}

ALWAYS_INLINE void send(struct walk *walk, struct cpu_counters *count) {
    u32 words = walk->kernel_frames + walk->user_frames + walk->reading.words;
    if (words > MAX_WORDS) {
        return;
    }
    if (wants_copy(walk)) {
        if (config.copy_mode == COPY_ALWAYS) {
            begin(walk);
        }
        if (send_with_copy()) {
            count->copies++;
            return;
        }
        count->copies_left_out++;
    }
    if (bpf_ringbuf_output(&ring, &walk->record, sizeof walk->record + 8 * words, 0)) {
        count->dropped++;
    }
}

/* Of the index of stack pointers: they are kept where frames of CPython's will be placed among those of the walk. clang would make a branch
 * of it, and the verifier go both ways through all that comes behind.
 */
ALWAYS_INLINE u32 cpython_mask(u32 cpython) {
    u64 negative = -(u64)cpython;
    asm volatile("" : "+r"(negative));
    return (negative >> 63) * (MAX_USER_FRAMES - 1);
}

/* Thread group and thread of a task, by the agent's numbers; 0 where it is no target's, or the agent's own. */
ALWAYS_INLINE u64 target(struct task_struct *task) {
    u64 id = config.pid_namespace ? ids_in(config.pid_namespace, task) : (u64)task->tgid << 32 | (u32)task->pid;
    u32 pid = id >> 32;
    return pid && pid != config.agent && (config.all_processes || bpf_map_lookup_elem(&processes, &pid)) ? id : 0;
}

ALWAYS_INLINE int is_target(struct task_struct *task) { return target(task) != 0; }

/* The number of the process of a task at an address; 0 where the agent's namespace does not see it. */
__attribute__((noinline)) u32 process_number(u64 task) {
    struct task_struct *leader = 0;
    struct pid *group = 0;
    u32 level = 0, inode, pid = 0;
    if (!config.pid_namespace) {
        bpf_probe_read_kernel(&pid, sizeof pid, &((struct task_struct *)task)->tgid);
        return pid;
    }
    bpf_probe_read_kernel(&leader, sizeof leader, &((struct task_struct *)task)->group_leader);
    bpf_probe_read_kernel(&group, sizeof group, &leader->thread_pid);
    bpf_probe_read_kernel(&level, sizeof level, &group->level);
    for (int i = 0; i < PID_NAMESPACE_LEVELS; i++, level--) {
        struct upid number;
        if (!read_number(&number, group, level) || bpf_probe_read_kernel(&inode, sizeof inode, &number.ns->ns.inum)) {
            return 0;
        }
        if (inode == config.pid_namespace || !level) {
            return inode == config.pid_namespace ? number.nr : 0;
        }
    }
    return 0;
}

/* Further ones have been heard of by then. */
enum { NEAR_ANCESTORS = 8 };
#define SAME_PROGRAM (1U << 31)

/* Whether neither the current task's process nor its parent has executed a program since the one was made by the other. */
ALWAYS_INLINE int is_copy_of_parent(void) {
    struct task_struct *task = bpf_get_current_task_btf();
    u64 executed = task->parent_exec_id;
    return task->self_exec_id == executed && task->real_parent->self_exec_id == executed;
}

/* The number of a target that has started the current task's process, or who has started that; 0 where none has. User space hears of it some
 * milliseconds later only. One whose parent has ended is no longer to be told from others.
 */
__attribute__((noinline)) u32 near_target(void) {
    if (!config.children) {
        return 0;
    }
    u64 task = bpf_get_current_task();
    for (u32 i = 0; i < NEAR_ANCESTORS; i++) {
        if (bpf_probe_read_kernel(&task, sizeof task, &((struct task_struct *)task)->real_parent)) {
            return 0;
        }
        u32 pid = process_number(task);
        if (!pid || bpf_map_lookup_elem(&processes, &pid)) {
            return pid && !i && is_copy_of_parent() ? pid | SAME_PROGRAM : pid;
        }
    }
    return 0;
}

/* Takes one of the current task, if it is of a target: `weight` is how much it stands for, in the event's unit. Without a context the
 * walk is the caller's already, and has the kernel's frames. Returns 0 where none is taken.
 */
ALWAYS_INLINE int take_sample(void *ctx, int in_kernel, u32 event, u64 weight) {
    u64 id = config.pid_namespace ? ids_in(config.pid_namespace, bpf_get_current_task_btf()) : bpf_get_current_pid_tgid();
    u32 pid = id >> 32, set = bpf_get_smp_processor_id() * SAMPLE_EVENT_COUNT + event;
    struct process *process = bpf_map_lookup_elem(&processes, &pid);
    struct cpu_counters *count = bpf_map_lookup_elem(&counters, &set);
    struct walk *walk = this_walk();
    if (!count || !walk) {
        return 0;
    }
    if (!pid && config.pid_namespace && config.all_processes) {
        count->outside++;
    }
    int may_be_anybody = !ctx && !weight; /* a waker */
    u32 near = process || may_be_anybody || pid == config.agent ? 0 : near_target();
    if (!may_be_anybody && (!pid || (!process && !config.all_processes && !near))) {
        return 0;
    }
    if (near & SAME_PROGRAM) { /* the same mappings, and the same interpreter */
        near &= ~SAME_PROGRAM;
        process = bpf_map_lookup_elem(&processes, &near);
    }
    if (ctx && walk->busy) {
        count->nested++;
        return 0;
    }
    u64 start = bpf_ktime_get_ns();
    walk->busy = 1;
    walk->record.pid = pid;
    walk->record.tid = (u32)id;
    walk->record.event = event;
    walk->record.in_kernel = in_kernel;
    if (ctx) {
        long bytes = in_kernel ? bpf_get_stack(ctx, walk->frames, 8 * MAX_KERNEL_FRAMES, 0) : 0;
        walk->kernel_frames = bytes > 0 ? (u32)bytes / 8 : 0;
        walk->record.wait.blocked.weight = walk->record.wait.queued.weight = 0;
    }
    u64 walk_start = bpf_ktime_get_ns();
    u32 cpython = process ? process->cpython : 0; /* the entry may be another's when the walk has ended */
    walk->stack_pointer_mask = cpython_mask(cpython);
    walk_user(walk, process, start);
    u64 walked = bpf_ktime_get_ns() - walk_start;
    walk->reading.words = walk->reading.read = 0;
    walk->reading.end = PYTHON_NONE;
    walk->record.gil.role = GIL_NONE;
    if (cpython && walk->user_frames) {
        u64 reading_start = bpf_ktime_get_ns();
        read_python(cpython, pid, start);
        if (config.wait_threshold) {
            read_gil(); /* what is said of it would lack the time off the CPU */
        }
        count->python_frames += walk->reading.read;
        count->python_ns += bpf_ktime_get_ns() - reading_start;
    }

    struct sample_record *record = &walk->record;
    record->time_ns = start;
    record->weight = weight;
    record->walk_ns = walked;
    record->kernel_frames = walk->kernel_frames;
    record->user_frames = walk->user_frames;
    record->walk_end = walk->end;
    record->guessed = walk->unsure != 0;
    record->python_end = walk->reading.end;
    record->python_words = walk->reading.words;
    bpf_get_current_comm(record->comm, sizeof record->comm);
    send(walk, count);

    count->samples++;
    count->user_frames += walk->user_frames;
    count->cache_hits += walk->cache_hits;
    count->guessed += walk->guessed;
    count->walk_ns += walked;
    if (record->walk_end < WALK_END_COUNT) {
        count->ends[record->walk_end]++;
    }
    count->program_ns += bpf_ktime_get_ns() - start;
    walk->busy = 0;
    return 1;
}
