/* Time off the CPU, and how much there was on one. Whether a wait is recorded is known when it ends, for its length decides; its stack is
 * that of the task which runs again, once it is the current one:
 *
 *   sched_switch   one task leaves: absences[task] = now      the next one runs again: how long was it away, is it chosen?
 *                                                                     │ sched_exit_tp, or a timer that is due
 *   end of the switch, interrupts are on again ── take_stacks ── the task is still in the kernel, where it waited: its stacks are taken
 *
 * A wait of d nanoseconds is chosen with probability min(1, d / T) and stands for max(d, T): the sum is right for short ones and long
 * ones alike, and a thread that waits all the time has one each T at most. Where there are too many nevertheless, T grows.
 */
#pragma once
#include "absences.h"
#include "descriptor.h"
#include "queue.h"
#include "sample.h"

enum {
    WINDOW_NS = 1 << 27,
    MOST_IN_WINDOW = 256, /* some 2,000 a second, of each CPU */
    HIGHEST_THRESHOLD = 1 << 30, /* nanoseconds */
};

/* The wait that has been chosen and whose stack is about to be taken; one a CPU. Behind those, where they are asked for, as many of wakers. */
struct resumption {
    struct bpf_timer timer;
    struct wait wait;
    u64 pc, sp;       /* of the task, in user code: it may have gone on there */
    u32 tid;          /* 0: none */
    u32 kernel_frames;
    u64 threshold;    /* T, 0: as it is configured */
    u64 window_start;
    u64 random;
    u32 in_window;
    u32 prepared;
    u64 kernel[MAX_THREAD_KERNEL_FRAMES];
    u64 again[MAX_THREAD_KERNEL_FRAMES]; /* of a waker, at the next task that it wakes */
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct resumption);
} resumptions SEC(".maps");

ALWAYS_INLINE struct resumption *this_resumption(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&resumptions, &cpu);
}

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} ended_threads SEC(".maps");

ALWAYS_INLINE int runs_no_user_code(struct task_struct *task) {
    return !task->pid || task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER);
}

/* As far as user space has said. What a wait for CPython's lock tells costs two calls at each switch: no others pay for it. */
ALWAYS_INLINE int runs_cpython(u64 id) {
    u32 pid = id >> 32;
    const struct process *process = bpf_map_lookup_elem(&processes, &pid);
    return process && process->cpython;
}

/* From now on it is off the CPU; the table may have no room. Where it has another that had the number before, that one is gone. */
ALWAYS_INLINE void enter_absence(const struct task_struct *task, u64 id, u32 state, u64 now, u64 woken, int python) {
    struct absence absence = {
        .since = now, .woken = woken, .queued_before = queued_before(task), .state = state, .id = id, .python = python};
    if (!add_absence(task->pid, &absence, 1)) {
        leave_out();
    }
}

/* The state of the thread that has CPython's lock, where a thread that leaves its CPU waits for that. */
ALWAYS_INLINE u64 holder_as_wait_begins(struct task_struct *task, u64 id) {
    const struct pt_regs *regs = bpf_task_pt_regs(task);
    if (regs->orig_rax != FUTEX) {
        return 0;
    }
    u32 pid = id >> 32;
    struct process *process = bpf_map_lookup_elem(&processes, &pid);
    return process && process->cpython ? holder_of_lock_at(process->cpython, regs->rdi) : 0;
}

ALWAYS_INLINE void tell_end(const struct absence *known, const struct task_struct *task) {
    struct ended_thread ended = {.tid = known->id, .pid = known->id >> 32, .times = known->times};
    bpf_probe_read_kernel(ended.comm, sizeof ended.comm, task->comm);
    if (bpf_ringbuf_output(&ended_threads, &ended, sizeof ended, BPF_RB_NO_WAKEUP)) {
        struct wait_counters *count = these_wait_counters();
        if (count) {
            count->ends_lost++;
        }
    }
}

ALWAYS_INLINE void end_running(struct absence *known, u64 now) {
    u64 since = known->running_since;
    *(volatile u64 *)&known->running_since = 0;
    if (since) {
        known->times.running += elapsed(since, now);
    }
}

/* What it has been, as far as no cut has had a part of it before. A look that has parted it knows by `since` whether that counted. */
ALWAYS_INLINE struct wait
end_absence(struct absence *absence, const struct task_struct *task, int comes, struct wait_counters *count, u64 now) {
    u64 since = absence->since;
    u64 woken = !absence->state ? since : absence->woken ?: runnable_before_switch(absence, task, comes, now);
    (void)__sync_lock_test_and_set(&absence->since, 0);
    absence->times.blocked += elapsed(since, woken);
    absence->times.queued += elapsed(woken, now);
    since = absence->cut > since ? absence->cut : since;
    woken = woken > since ? woken : since;
    struct wait wait = {
        .blocked.ns = elapsed(since, woken),
        .queued.ns = elapsed(woken, now),
        .holder = absence->holder,
        .waker = absence->waker,
        .waking = absence->waking,
        .state = absence->state,
    };
    count->waits++;
    count->blocked_ns += wait.blocked.ns;
    count->queued_ns += wait.queued.ns;
    return wait;
}

/* Of its parts those that stand for themselves: which T they were held against, and when, their weights tell. */
ALWAYS_INLINE void add_sure(struct absence *absence, const struct wait *wait) {
    absence->times.sure_blocked += wait->blocked.weight == wait->blocked.ns ? wait->blocked.ns : 0;
    absence->times.sure_queued += wait->queued.weight == wait->queued.ns ? wait->queued.ns : 0;
}

/* It leaves a CPU that it was not seen to come to: some switches on a busy machine are told to nobody. What it ran meanwhile is part of the wait. */
ALWAYS_INLINE void end_unseen(struct absence *known, const struct task_struct *task, struct wait_counters *count, u64 now) {
    struct wait wait = end_absence(known, task, 0, count, now);
    wait.blocked.weight = wait.blocked.ns;
    wait.queued.weight = wait.queued.ns;
    add_sure(known, &wait);
    count->unseen++;
    count->unseen_ns += wait.blocked.ns + wait.queued.ns;
}

/* Who is preempted could go on, whatever it was about to do; and so could who is being woken already. */
ALWAYS_INLINE void leave_cpu(struct absence *known, struct wait_counters *count, struct task_struct *task, int preempted, u64 now) {
    u32 state = task->__state;
    if (known->since) {
        end_unseen(known, task, count, now);
    }
    end_running(known, now);
    if (state & TASK_DEAD) {
        if (config.wall) {
            tell_end(known, task);
        }
        remove_absence(task->pid);
        return;
    }
    known->queued_before = queued_before(task);
    known->woken = state & TASK_WAKING ? now : 0;
    known->state = preempted ? 0 : state;
    known->holder = known->python && known->state ? holder_as_wait_begins(task, known->id) : 0;
    known->waker = known->waking = known->weight = 0;
    known->weighed = 0;
    *(volatile u64 *)&known->since = now;
}

/* The same of one that nobody has met before, if it is a target's. */
ALWAYS_INLINE void leave_cpu_first(struct task_struct *task, int preempted) {
    u32 state = task->__state;
    u64 id = state & TASK_DEAD || runs_no_user_code(task) ? 0 : target(task);
    if (id) {
        u64 now = bpf_ktime_get_ns();
        enter_absence(task, id, preempted ? 0 : state, now, state & TASK_WAKING ? now : 0, runs_cpython(id));
    }
}

/* What a target makes is in the run queue from now on. User space hears of a process some milliseconds later only. */
ALWAYS_INLINE int follow_fork(struct task_struct *parent, struct task_struct *child) {
    int follows = config.children || parent->tgid == child->tgid;
    const struct absence *known = absence_of(parent->pid);
    const struct resumption *next = this_resumption();
    if (next && next->prepared && follows && !runs_no_user_code(child) && (known || is_target(parent))) {
        u64 id = config.pid_namespace ? ids_in(config.pid_namespace, child) : (u64)child->tgid << 32 | (u32)child->pid;
        enter_absence(child, id, 0, bpf_ktime_get_ns(), 0, known && known->python);
    }
    return 0;
}

/* Where the FS of the current thread begins, if it wakes the task by a futex(2) of its own on the word that this one waits on. An interrupt,
 * which wakes who has waited for long enough, hits any thread, but hardly one that is about to do this.
 */
ALWAYS_INLINE u64 waker_by_futex(struct task_struct *task) {
    struct task_struct *current = bpf_get_current_task_btf();
    const struct pt_regs *regs = bpf_task_pt_regs(current), *waiting;
    if (regs->orig_rax != FUTEX || current->flags & PF_KTHREAD) {
        return 0;
    }
    waiting = bpf_task_pt_regs(task);
    return waiting->orig_rax == FUTEX && waiting->rdi == regs->rdi ? current->thread.fsbase : 0;
}

/* Of 64 bits: Marsaglia's xorshift, without a call. */
ALWAYS_INLINE u64 draw(struct resumption *next) {
    u64 random = next->random;
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    next->random = random;
    return random;
}

/* Nanoseconds that a part of so long stands for, 0 where it is not chosen; by 32 bits that are drawn. */
ALWAYS_INLINE u64 weigh(u64 ns, u64 threshold, u32 random) {
    if (!ns) {
        return 0;
    }
    if (ns >= threshold) {
        return ns;
    }
    return (random * threshold) >> 32 < ns ? threshold : 0;
}

/* T doubles where a stretch of time has had too many, and comes down again in stretches with few. */
ALWAYS_INLINE u64 threshold_now(struct resumption *next, struct wait_counters *count, u64 now) {
    u64 lowest = config.wait_threshold, threshold = next->threshold ?: lowest;
    if (next->in_window >= MOST_IN_WINDOW || now - next->window_start >= WINDOW_NS) {
        if (next->in_window >= MOST_IN_WINDOW && threshold < HIGHEST_THRESHOLD) {
            threshold *= 2;
        } else if (next->in_window < MOST_IN_WINDOW / 4 && threshold > lowest) {
            threshold /= 2;
        }
        next->threshold = threshold;
        next->window_start = now;
        next->in_window = 0;
        count->highest_threshold = threshold > count->highest_threshold ? threshold : count->highest_threshold;
    }
    return threshold;
}

ALWAYS_INLINE u64 stands_for(const struct wait *wait) { return wait->blocked.weight + wait->queued.weight; }

/* The task is not the current one yet, but its place in the kernel is where it will go on. */
ALWAYS_INLINE void take_place(struct resumption *next, struct task_struct *task) {
    const struct pt_regs *regs = bpf_task_pt_regs(task);
    long bytes = bpf_get_task_stack(task, next->kernel, sizeof next->kernel, 0);
    next->kernel_frames = bytes > 0 ? (u32)bytes / 8 : 0;
    next->pc = regs->rip;
    next->sp = regs->rsp;
    next->wait.call = regs->orig_rax;
    next->wait.argument = regs->rdi;
    next->tid = task->pid;
}

/* Where kernels do not know the flag, the timer stays on its CPU because that is not idle. */
ALWAYS_INLINE int start_timer(struct resumption *next) {
    if (bpf_timer_start(&next->timer, 0, BPF_F_TIMER_CPU_PIN)) {
        bpf_timer_start(&next->timer, 0, 0);
    }
    return 0;
}

/* Whether a waker wakes another task at the same place, and is not interrupted there by what wakes one. */
ALWAYS_INLINE int wakes_on(struct resumption *next, struct task_struct *task) {
    const struct pt_regs *regs = bpf_task_pt_regs(task);
    long bytes = bpf_get_task_stack(task, next->again, sizeof next->again, 0);
    if (next->tid != (u32)task->pid || next->pc != regs->rip || next->sp != regs->rsp || bytes <= 0 ||
        bytes / 8 != next->kernel_frames) {
        return 0;
    }
    for (u32 i = 0; i < MAX_THREAD_KERNEL_FRAMES; i++) {
        if (i < next->kernel_frames && next->again[i] != next->kernel[i]) {
            return 0;
        }
    }
    return 1;
}

/* The number of what the current task does now: waking one, or several at once. Its stacks are taken by a timer that is due. */
ALWAYS_INLINE u64 take_waker(struct resumption *next, u64 now) {
    struct task_struct *task = bpf_get_current_task_btf();
    if (!task->pid) {
        return WAKING_BY_IDLE;
    }
    if (next->tid && !wakes_on(next, task)) {
        return WAKING_MISSED; /* the turn of the one before has not come yet */
    }
    if (!next->tid) {
        next->wait.waking = now << 8 | (bpf_get_smp_processor_id() & 0xff);
        take_place(next, task);
        start_timer(next);
    }
    return next->wait.waking;
}

/* The length of its blocked part is known: whether it is chosen is decided for the wait and the waker together. */
ALWAYS_INLINE void choose_when_woken(struct absence *absence) {
    u32 cpu = bpf_get_smp_processor_id(), of_waker = config.cpus + cpu;
    struct resumption *next = bpf_map_lookup_elem(&resumptions, &cpu), *waker = bpf_map_lookup_elem(&resumptions, &of_waker);
    struct wait_counters *count = these_wait_counters();
    if (!next || !waker || !waker->prepared || !count || !absence->state) {
        return;
    }
    u64 since = absence->cut > absence->since ? absence->cut : absence->since;
    absence->weight = weigh(elapsed(since, absence->woken), threshold_now(next, count, absence->woken), draw(next));
    absence->weighed = 1;
    absence->waking = absence->weight ? take_waker(waker, absence->woken) : 0;
}

ALWAYS_INLINE int wake(struct task_struct *task) {
    struct absence *absence = absence_of(task->pid);
    if (absence && absence->since && !absence->woken) {
        absence->woken = config.wakers || !scheduler_tells() ? bpf_ktime_get_ns() : 0;
        absence->waker = absence->python ? waker_by_futex(task) : 0;
        if (config.wakers) {
            choose_when_woken(absence);
        }
    }
    return 0;
}

ALWAYS_INLINE int run_again(struct resumption *next, struct absence *absence, struct wait_counters *count, struct task_struct *task, u64 now) {
    if (!absence->since) {
        return 0;
    }
    struct wait wait = end_absence(absence, task, 1, count, now);
    *(volatile u64 *)&absence->running_since = now;
    if (wait.blocked.ns + wait.queued.ns < 1000ULL * config.shortest_wait) {
        count->left_out++;
        count->left_out_ns += wait.blocked.ns + wait.queued.ns;
        return 0;
    }
    u64 threshold = threshold_now(next, count, now), random = draw(next);
    u64 weighed = wait.blocked.ns ? absence->weight : 0; /* a cut may have had it meanwhile */
    wait.blocked.weight = absence->weighed ? weighed : weigh(wait.blocked.ns, threshold, random);
    wait.queued.weight = weigh(wait.queued.ns, threshold, random >> 32);
    add_sure(absence, &wait);
    if (!stands_for(&wait)) {
        return 0;
    }
    absence->python = runs_cpython(absence->id);
    count->chosen++;
    next->in_window++;
    if (next->tid) {
        count->late++; /* the one before: its turn would have been by now */
        count->late_ns += stands_for(&next->wait);
    }
    next->wait = wait;
    take_place(next, task);
    return config.tells_switch_end ? 0 : start_timer(next);
}

/* Asks for the time only where a target is among them. */
ALWAYS_INLINE int switch_from_to(struct task_struct *from, struct task_struct *to, int preempted) {
    struct wait_counters *count = these_wait_counters();
    struct resumption *next = this_resumption();
    if (!count || !next || !next->prepared) {
        return 0; /* whoever is off the CPU is found later (prepare) */
    }
    struct absence *leaves = absence_of(from->pid), *comes = absence_of(to->pid);
    if (!leaves) {
        leave_cpu_first(from, preempted);
    }
    if (!leaves && !comes) {
        return 0;
    }
    u64 now = time_of_switch(from, to, preempted);
    if (leaves) {
        leave_cpu(leaves, count, from, preempted, now);
    }
    return comes ? run_again(next, comes, count, to, now) : 0;
}

/* Of the call that the current task is in. */
ALWAYS_INLINE u32 descriptor_of_call(struct task_struct *task, const struct pt_regs *regs) {
    u64 number = regs->rdi;
    if (regs->orig_rax == POLL || regs->orig_rax == PPOLL) {
        u32 first; /* of struct pollfd */
        if (regs->rsi != 1 || bpf_probe_read_user(&first, sizeof first, (void *)number)) {
            return DESCRIPTOR_NONE;
        }
        number = first;
    }
    return (s64)regs->orig_rax < 0 ? DESCRIPTOR_NONE : kind_of_descriptor(task, (u32)number);
}

/* Runs in the task that runs again, between the switch to it and what it does next, unless it was interrupted too late. */
ALWAYS_INLINE int take_stacks(struct resumption *at) {
    struct task_struct *task = bpf_get_current_task_btf();
    const struct pt_regs *regs = bpf_task_pt_regs(task);
    struct wait_counters *count = these_wait_counters();
    struct walk *walk = this_walk();
    u32 frames = at->kernel_frames, tid = at->tid;
    if (!count || !walk || !tid || frames > MAX_THREAD_KERNEL_FRAMES) {
        return 0;
    }
    u64 weight = stands_for(&at->wait); /* 0: of a waker */
    if ((u32)task->pid != tid || regs->rip != at->pc || regs->rsp != at->sp || walk->busy) {
        count->late += weight != 0;
        count->late_ns += weight;
    } else {
        walk->busy = 1; /* an interrupt could have a sample taken here */
        asm volatile("" ::: "memory");
        walk->record.wait = at->wait;
        walk->record.descriptor = weight ? descriptor_of_call(task, regs) : DESCRIPTOR_NONE;
        bpf_probe_read_kernel(walk->frames, 8 * frames, at->kernel);
        walk->kernel_frames = frames;
        if (!take_sample(0, 1, config.wall ? EVENT_WALL : EVENT_OFF_CPU, weight) && weight) {
            count->untaken++; /* user space has not heard of the process yet */
            count->untaken_ns += weight;
        }
        walk->busy = 0;
    }
    at->tid = 0;
    return 0;
}

static int resumed(void *map, u32 *key, struct resumption *at) {
    (void)map;
    (void)key;
    return take_stacks(at);
}

/* Behind a switch, or none. */
ALWAYS_INLINE int end_of_switch(void) {
    struct resumption *next = this_resumption();
    return next && next->tid ? take_stacks(next) : 0;
}

ALWAYS_INLINE struct resumption *unprepared(u32 cpu) {
    struct resumption *next = bpf_map_lookup_elem(&resumptions, &cpu);
    if (!next || next->prepared) {
        return 0;
    }
    next->random = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
    return next;
}

static long prepare_timer(u32 cpu, void *context) {
    (void)context;
    struct resumption *next = unprepared(cpu);
    if (next && !bpf_timer_init(&next->timer, &resumptions, CLOCK_MONOTONIC)) {
        next->prepared = !bpf_timer_set_callback(&next->timer, resumed);
    }
    return 0;
}

static long prepare_without_timer(u32 cpu, void *context) {
    (void)context;
    struct resumption *next = unprepared(cpu);
    if (next) {
        next->prepared = 1;
    }
    return 0;
}

/* Runs once for each task that there is: whoever is off the CPU, or on one, is so from now on. At the first one each CPU's are prepared, and a byte is
 * written where wake-ups have to be watched.
 */
ALWAYS_INLINE int prepare(struct bpf_iter__task *ctx, int timers) {
    struct task_struct *task = ctx->task;
    if (!ctx->meta->seq_num) {
        u8 watch = 1;
        if (!scheduler_tells()) {
            bpf_seq_write(ctx->meta->seq, &watch, sizeof watch);
        }
        if (timers) {
            bpf_loop((config.cpus ?: 1) << (config.wakers != 0), prepare_timer, 0, 0); /* where it were 0 the verifier would not see the callback */
        } else {
            bpf_loop(config.cpus, prepare_without_timer, 0, 0);
        }
    }
    u64 id = task && !runs_no_user_code(task) ? target(task) : 0;
    if (task && id) {
        int on_cpu = is_on_cpu(task);
        u64 now = bpf_ktime_get_ns();
        struct absence absence = {
            .since = on_cpu ? 0 : now,
            .running_since = on_cpu ? now : 0,
            .queued_before = queued_before(task),
            .state = task->__state,
            .id = id,
            .python = runs_cpython(id),
        };
        add_absence(task->pid, &absence, 0);
    }
    return 0;
}
