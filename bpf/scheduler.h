/* What the scheduler does with threads of the targets: how long they are on a CPU and why they leave it, how long they wait for one, and
 * what is counted meanwhile.
 *
 *   woken, or had to leave ──→ waits: since when ──→ comes onto a CPU ──→ cpus: since when, faults, counters ──→ leaves
 *                                               a wait ends                                                a slice ends
 *
 * All of this runs while the scheduler holds its locks, so nothing is allocated: maps have their memory beforehand. Processes and threads
 * have their numbers of the initial PID namespace here.
 */
#pragma once
#include "namespace.h"
#include "spread.h"

/* include/linux/sched.h. A thread that has begun to wait and is being woken is TASK_WAKING, which is none of these. */
enum {
    TASK_UNINTERRUPTIBLE = 0x2,
    TASK_STOPPED_OR_TRACED = 0x4 | 0x8,
    TASK_NOLOAD = 0x400,
};

enum { SYS_SCHED_YIELD = 24, SYS_SCHED_YIELD_32 = 158 }; /* arch/x86/entry/syscalls */

const volatile struct scheduler_config config = {};

enum { NO_SLOT = ~0U };
#define OVER ~0ULL

/* Who runs on a CPU. */
struct running {
    u64 since; /* 0: not known yet, OVER: nothing is counted any more */
    u64 minor_faults; /* of the thread up to then, as all that follows */
    u64 major_faults;
    struct hardware_count hardware[HARDWARE_COUNTER_COUNT];
    u32 tid;
    u32 slot; /* NO_SLOT: no target */
};

struct queued {
    u64 since;
    u32 slot;
    u32 reserved;
};

struct process_key {
    u64 started;
    u32 tgid;
    u32 reserved;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct scheduling);
} schedulings SEC(".maps");

/* One element a CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct running);
} cpus SEC(".maps");

/* Threads that wait for a CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 32768);
    __type(key, u32);
    __type(value, struct queued);
} waits SEC(".maps");

/* Targets by the number that the agent knows them by: what user space asks for. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, u32);
    __type(value, u32);
} given SEC(".maps");

/* Targets, what these have started among them: when each was started. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, u32);
    __type(value, u64);
} targets SEC(".maps");

/* Processes that are counted each on its own. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, struct process_key);
    __type(value, u32);
} slots SEC(".maps");

/* Of each kind of counter one for each CPU, in the order of the kinds. */
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, 4);
    __uint(value_size, 4);
} hardware SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct scheduler_state);
} state SEC(".maps");

ALWAYS_INLINE struct scheduler_state *the_state(void) {
    u32 zero = 0;
    return bpf_map_lookup_elem(&state, &zero);
}

ALWAYS_INLINE struct running *this_cpu(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return bpf_map_lookup_elem(&cpus, &cpu);
}

/* In the agent's PID namespace; 0 where that does not see it. */
ALWAYS_INLINE u32 number_of(struct task_struct *task) {
    return config.pid_namespace ? ids_in(config.pid_namespace, task) >> 32 : (u32)task->tgid;
}

/* A number may be another process's by now: it is the same if it has started at the same time. */
ALWAYS_INLINE int is_target(struct task_struct *task) {
    u32 tgid = task->tgid;
    struct scheduler_state *known = the_state();
    if (!tgid || !known || tgid == known->self) {
        return 0;
    }
    if (config.all_processes) {
        return number_of(task) != 0;
    }
    u64 *started = bpf_map_lookup_elem(&targets, &tgid);
    return started && *started == task->group_leader->start_boottime;
}

ALWAYS_INLINE void take_name(struct scheduling *to, struct task_struct *leader) {
    bpf_probe_read_kernel(to->comm, sizeof to->comm, leader->comm);
}

/* Two CPUs may meet a process at once: then one of the two has taken a slot for nothing, in which nothing is counted. */
ALWAYS_INLINE u32 new_slot(const struct process_key *key, struct task_struct *task) {
    struct scheduler_state *known = the_state();
    if (!known || known->slots_taken >= config.process_slots - 1) {
        return 0;
    }
    u32 slot = __sync_fetch_and_add(&known->slots_taken, 1) + 1;
    if (slot >= config.process_slots) {
        return 0;
    }
    if (bpf_map_update_elem(&slots, key, &slot, BPF_NOEXIST)) {
        u32 *others = bpf_map_lookup_elem(&slots, key);
        return others ? *others : 0;
    }
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    if (to) {
        to->started = key->started;
        to->pid = number_of(task);
        take_name(to, task->group_leader);
    }
    return slot;
}

/* Where to count what a thread does. */
ALWAYS_INLINE u32 slot_of(struct task_struct *task) {
    if (!is_target(task)) {
        return NO_SLOT;
    }
    if (!config.process_slots) {
        return bpf_get_smp_processor_id();
    }
    struct process_key key = {.started = task->group_leader->start_boottime, .tgid = task->tgid};
    u32 *slot = bpf_map_lookup_elem(&slots, &key);
    return slot ? *slot : new_slot(&key, task);
}

ALWAYS_INLINE void begin_wait(struct task_struct *task, u32 slot, u64 now) {
    u32 tid = task->pid;
    struct queued wait = {.since = now, .slot = slot};
    if (bpf_map_update_elem(&waits, &tid, &wait, BPF_ANY)) {
        struct scheduler_state *known = the_state();
        if (known) {
            __sync_fetch_and_add(&known->waits_left_out, 1);
        }
    }
}

ALWAYS_INLINE int move(struct task_struct *task) {
    u32 slot = slot_of(task);
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    if (to) {
        __sync_fetch_and_add(&to->migrations, 1);
    }
    return 0;
}

/* One that is on a CPU has been woken before it had left it. */
ALWAYS_INLINE int wake(struct task_struct *task) {
    struct running *running = this_cpu();
    if (!running || running->since == OVER || task == bpf_get_current_task_btf() || is_on_cpu(task)) {
        return 0;
    }
    u32 slot = slot_of(task);
    if (slot != NO_SLOT) {
        begin_wait(task, slot, bpf_ktime_get_ns());
    }
    return 0;
}

ALWAYS_INLINE void end_wait(struct scheduling *to, struct task_struct *task, u64 now) {
    u32 tid = task->pid;
    struct queued *wait = bpf_map_lookup_elem(&waits, &tid);
    if (!wait) {
        __sync_fetch_and_add(&to->waits_unseen, 1);
        return;
    }
    spread_add(&to->waits, now - wait->since, 0);
    bpf_map_delete_elem(&waits, &tid);
}

/* It has ended unseen. */
ALWAYS_INLINE void forget_wait(struct scheduling *to, struct task_struct *task) {
    u32 tid = task->pid;
    if (!bpf_map_delete_elem(&waits, &tid)) {
        __sync_fetch_and_add(&to->waits_unseen, 1);
    }
}

ALWAYS_INLINE void read_counter(struct hardware_count *to, u32 kind) {
    u64 index = kind * config.cpus + bpf_get_smp_processor_id();
    if (bpf_perf_event_read_value(&hardware, index, to, sizeof *to)) {
        __builtin_memset(to, 0, sizeof *to);
    }
}

ALWAYS_INLINE void begin_slice(struct running *running, struct task_struct *task, u64 now) {
    running->since = now;
    running->tid = task->pid;
    running->minor_faults = task->min_flt;
    running->major_faults = task->maj_flt;
    for (u32 kind = 0; config.hardware && kind < HARDWARE_COUNTER_COUNT; kind++) {
        read_counter(&running->hardware[kind], kind);
    }
}

ALWAYS_INLINE void add_counter(struct scheduling *to, const struct running *running, u32 kind) {
    const struct hardware_count *before = &running->hardware[kind];
    struct hardware_count now;
    read_counter(&now, kind);
    if (before->enabled && now.enabled) {
        __sync_fetch_and_add(&to->hardware[kind].count, now.count - before->count);
        __sync_fetch_and_add(&to->hardware[kind].enabled, now.enabled - before->enabled);
        __sync_fetch_and_add(&to->hardware[kind].running, now.running - before->running);
    }
}

ALWAYS_INLINE void end_slice(struct scheduling *to, const struct running *running, struct task_struct *task, u64 now, int cut) {
    spread_add(&to->slices, now - running->since, cut);
    __sync_fetch_and_add(&to->minor_faults, task->min_flt - running->minor_faults);
    __sync_fetch_and_add(&to->major_faults, task->maj_flt - running->major_faults);
    for (u32 kind = 0; config.hardware && kind < HARDWARE_COUNTER_COUNT; kind++) {
        add_counter(to, running, kind);
    }
    if (config.process_slots && task == task->group_leader) {
        take_name(to, task); /* it may have begun to run another program */
    }
}

/* A bit-field, whose place is relocated: libbpf knows where in which bytes it lies. */
ALWAYS_INLINE int waits_for_io(const struct task_struct *task) {
    u64 bits = 0;
    bpf_probe_read_kernel(&bits, __builtin_preserve_field_info(task->in_iowait, 1 /* bytes */),
                          (const void *)task + __builtin_preserve_field_info(task->in_iowait, 0 /* offset */));
    bits <<= __builtin_preserve_field_info(task->in_iowait, 4 /* bits above it */);
    return bits >> __builtin_preserve_field_info(task->in_iowait, 5 /* bits beside it */);
}

/* What lies where it entered the kernel says so until it leaves it. */
ALWAYS_INLINE int yields(struct task_struct *task) {
    if (task->flags & PF_KTHREAD) {
        return 0;
    }
    const struct pt_regs *regs = bpf_task_pt_regs(task);
    return regs->orig_rax == ((regs->cs & 0xffff) == USER32_CS ? SYS_SCHED_YIELD_32 : SYS_SCHED_YIELD);
}

/* The kernel takes a thread for one that waits if it has said so itself, and has not just been interrupted. */
ALWAYS_INLINE u32 reason_of(int preempted, struct task_struct *task) {
    u32 state = task->__state;
    if (preempted || !state) {
        return !preempted && yields(task) ? SWITCH_YIELDED : SWITCH_PREEMPTED;
    }
    if (state & TASK_DEAD) {
        return SWITCH_ENDED;
    }
    if (state & TASK_STOPPED_OR_TRACED) {
        return SWITCH_STOPPED;
    }
    if (waits_for_io(task)) {
        return SWITCH_IO;
    }
    return (state & (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)) == TASK_UNINTERRUPTIBLE ? SWITCH_IN_KERNEL : SWITCH_WAITED;
}

/* Not every switch may be shown: of a thread whose coming was not, it is only known that it leaves. */
ALWAYS_INLINE void leave(struct running *running, struct task_struct *task, int preempted, u64 now) {
    int seen = running->tid == (u32)task->pid;
    u32 slot = seen ? running->slot : slot_of(task);
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    if (!to) {
        return;
    }
    u32 reason = reason_of(preempted, task);
    if (seen) {
        end_slice(to, running, task, now, 0);
    } else {
        __sync_fetch_and_add(&to->slices_unseen, 1);
        forget_wait(to, task);
    }
    __sync_fetch_and_add(&to->switches[reason], 1);
    if (reason == SWITCH_PREEMPTED || reason == SWITCH_YIELDED) {
        begin_wait(task, slot, now);
    }
}

ALWAYS_INLINE void enter(struct running *running, struct task_struct *task, u64 now) {
    u32 slot = slot_of(task);
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    running->slot = slot;
    begin_slice(running, task, now);
    if (to) {
        end_wait(to, task, now);
    }
}

ALWAYS_INLINE int switch_threads(int preempted, struct task_struct *from, struct task_struct *to) {
    struct running *running = this_cpu();
    if (!running || running->since == OVER) {
        return 0;
    }
    u64 now = bpf_ktime_get_ns();
    if (running->since) {
        leave(running, from, preempted, now);
    }
    enter(running, to, now);
    return 0;
}

/* Who runs here now is counted from now on. */
ALWAYS_INLINE int begin_here(void) {
    struct running *running = this_cpu();
    if (running && !running->since) {
        struct task_struct *task = bpf_get_current_task_btf();
        running->slot = slot_of(task);
        begin_slice(running, task, bpf_ktime_get_ns());
    }
    return 0;
}

/* A slice of which no more is seen. */
ALWAYS_INLINE int end_here(void) {
    struct running *running = this_cpu();
    if (!running || running->since == OVER) {
        return 0;
    }
    u32 slot = running->slot;
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    struct task_struct *task = bpf_get_current_task_btf();
    if (running->since && running->tid == (u32)task->pid && to) {
        end_slice(to, running, task, bpf_ktime_get_ns(), 1);
    }
    running->since = OVER;
    return 0;
}

static long add_unended_wait(void *map, const u32 *tid, struct queued *wait, const u64 *now) {
    (void)map;
    (void)tid;
    u32 slot = wait->slot;
    struct scheduling *to = bpf_map_lookup_elem(&schedulings, &slot);
    if (to && *now > wait->since) {
        spread_add(&to->waits, *now - wait->since, 1);
    }
    return 0;
}

/* Threads that wait for a CPU as counting ends. */
ALWAYS_INLINE int end_all_waits(void) {
    u64 now = bpf_ktime_get_ns();
    bpf_for_each_map_elem(&waits, add_unended_wait, &now, 0);
    return 0;
}

/* With its threads a process has another number. */
ALWAYS_INLINE int follow(struct task_struct *parent, struct task_struct *child) {
    u32 tgid = child->tgid;
    u64 started = child->start_boottime;
    if (parent->tgid != child->tgid && is_target(parent)) {
        if (bpf_map_update_elem(&targets, &tgid, &started, BPF_ANY)) {
            struct scheduler_state *known = the_state();
            if (known) {
                __sync_fetch_and_add(&known->not_followed, 1);
            }
        }
    }
    return 0;
}

/* Makes room for others. */
ALWAYS_INLINE int forget(struct task_struct *task) {
    u32 tgid = task->tgid;
    u64 *started = task->pid == task->tgid ? bpf_map_lookup_elem(&targets, &tgid) : 0;
    if (started && *started == task->start_boottime) {
        bpf_map_delete_elem(&targets, &tgid);
    }
    return 0;
}

/* Longer than threads wait for a CPU; a wait whose end nobody was told of is not waited for. */
#define LONGEST_LAST_WAIT_NS 10000000000ULL

static long look_whether_target_runs(void *map, const u32 *cpu, struct running *running, u32 *any) {
    (void)map;
    (void)cpu;
    *any |= running->since && running->since != OVER && running->slot != NO_SLOT;
    return *any;
}

static long look_whether_target_waits(void *map, const u32 *tid, struct queued *wait, u32 *any) {
    (void)map;
    (void)tid;
    *any |= bpf_ktime_get_ns() - wait->since < LONGEST_LAST_WAIT_NS;
    return *any;
}

/* Behind all tasks: a number that none has where a target is on a CPU or waits for one. Who has ended may be in the list no more, and has a switch to come.
 * CPUs are looked at twice: one comes onto them and leaves them while this looks.
 */
ALWAYS_INLINE int tell_last_switches(struct bpf_iter__task *ctx) {
    u32 any = 0, none = 0;
    bpf_for_each_map_elem(&cpus, look_whether_target_runs, &any, 0);
    bpf_for_each_map_elem(&waits, look_whether_target_waits, &any, 0);
    bpf_for_each_map_elem(&cpus, look_whether_target_runs, &any, 0);
    if (any) {
        bpf_seq_write(ctx->meta->seq, &none, sizeof none);
    }
    return 0;
}

/* Whether it has left its CPU for the last time. */
ALWAYS_INLINE int is_over(const struct task_struct *task) { return task->__state & TASK_DEAD && !is_on_cpu(task); }

/* Of each task that there is: takes its process as a target if user space has asked for it, and says so to who reads the list if it is a
 * target's and has not ended. The agent itself runs this, and is none.
 */
ALWAYS_INLINE int take_given(struct bpf_iter__task *ctx) {
    struct task_struct *task = ctx->task;
    struct scheduler_state *known = the_state();
    if (!task || !known) {
        return tell_last_switches(ctx);
    }
    known->self = bpf_get_current_pid_tgid() >> 32;
    u32 number = task->pid == task->tgid ? number_of(task) : 0, tgid = task->tgid;
    u64 started = task->start_boottime;
    if (number && bpf_map_lookup_elem(&given, &number)) {
        bpf_map_update_elem(&targets, &tgid, &started, BPF_ANY);
        bpf_map_delete_elem(&given, &number);
    }
    if (!(task->flags & PF_KTHREAD) && !is_over(task) && is_target(task)) {
        bpf_seq_write(ctx->meta->seq, &tgid, sizeof tgid);
    }
    return 0;
}
