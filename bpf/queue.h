/* Since when a task could run, as the scheduler itself knows it: nobody has to watch its wake-ups.
 *
 *   leaves a CPU ── blocked ──→ last_queued ── in another queue: run_delay grows, last_queued anew ──→ comes to a CPU
 *
 * All by the clock of a CPU's run queue, whose origin is another than that of CLOCK_MONOTONIC, and which is late by as much as has passed since it was
 * read: the least difference that is seen is the true one.
 */
#pragma once
#include "absences.h"

enum {
    DRIFT_SHIFT = 10, /* both clocks differ by a thousandth at most */
    HELD_FOR_NS = 1 << 20, /* by a microsecond in this time */
    HELD_AT_MOST_NS = 1 << 30,
};

struct switch_clock {
    u64 read;  /* the run queue's clock, when it was new and both were held against each other last; 0: never */
    u64 ahead; /* so much CLOCK_MONOTONIC is ahead of it */
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, u32);
    __type(value, struct switch_clock);
} switch_clocks SEC(".maps");

ALWAYS_INLINE u64 elapsed(u64 from, u64 to) { return to > from ? to - from : 0; } /* CPUs' clocks may differ by some nanoseconds */

/* Kernels without CONFIG_SCHED_INFO or CONFIG_FAIR_GROUP_SCHED do not: there wake-ups are watched. */
ALWAYS_INLINE int scheduler_tells(void) {
    return __builtin_preserve_field_info(((struct task_struct *)0)->sched_info.last_queued, 2 /* whether it exists */) &&
           __builtin_preserve_field_info(((struct task_struct *)0)->se.cfs_rq, 2) &&
           __builtin_preserve_field_info(((struct cfs_rq *)0)->rq, 2);
}

ALWAYS_INLINE struct switch_clock *this_switch_clock(void) {
    u32 cpu = bpf_get_smp_processor_id();
    return scheduler_tells() ? bpf_map_lookup_elem(&switch_clocks, &cpu) : 0;
}

/* Whether the run queue's clock is of this very switch, as it is where a task blocks. Where one was woken that sends another away it is of that wake-up,
 * up to a tick ago.
 */
ALWAYS_INLINE int clock_is_new(const struct task_struct *from, const struct task_struct *to, int preempted, u64 clock) {
    return !preempted && from->__state && to->sched_info.last_queued != clock;
}

ALWAYS_INLINE void hold_clocks(struct switch_clock *of, u64 clock, u64 now, int is_new) {
    u64 ahead = now - clock, most = of->ahead + ((clock - of->read) >> DRIFT_SHIFT);
    of->ahead = of->read && (s64)(ahead - most) > 0 ? most : ahead;
    of->read = is_new ? clock : of->read;
}

/* When a task leaves a CPU for another: CLOCK_MONOTONIC. To ask for it takes a third of what all else does, so the run queue's clock stands for it where it
 * is new and was held against it not long ago.
 */
ALWAYS_INLINE u64 time_of_switch(const struct task_struct *from, const struct task_struct *to, int preempted) {
    struct switch_clock *of = this_switch_clock();
    if (!of) {
        return bpf_ktime_get_ns();
    }
    u64 clock = from->se.cfs_rq->rq->clock, age = clock - of->read;
    int is_new = clock_is_new(from, to, preempted, clock);
    if (is_new && age < HELD_FOR_NS) {
        return clock + of->ahead;
    }
    u64 now = bpf_ktime_get_ns();
    if (is_new || age > HELD_AT_MOST_NS) {
        hold_clocks(of, clock, now, is_new);
    }
    return now;
}

/* How long a task had been in run queues before it left a CPU. */
ALWAYS_INLINE u64 queued_before(const struct task_struct *task) {
    return scheduler_tells() ? task->sched_info.run_delay : 0;
}

/* Since when a task that waits could run, where it has been in run queues for so long since it left a CPU, and in the present one since a moment of that
 * clock.
 */
ALWAYS_INLINE u64 runnable_since(const struct absence *absence, const struct task_struct *task, u64 since, u64 clock, u64 now) {
    s64 queued = task->sched_info.run_delay - absence->queued_before + clock - since, most = now - absence->since;
    queued = queued < most ? queued : most;
    return now - (queued > 0 ? queued : 0); /* CPUs' clocks may differ by some nanoseconds */
}

/* Of one that comes to a CPU, where no wake-up has told. One that leaves a CPU, though nobody has seen it come, has come: what it ran is part of the
 * wait.
 */
ALWAYS_INLINE u64 runnable_before_switch(const struct absence *absence, const struct task_struct *task, int comes, u64 now) {
    const struct switch_clock *of = this_switch_clock();
    if (!of) {
        return now;
    }
    u64 since = comes ? task->sched_info.last_queued : task->sched_info.last_arrival, clock = now - of->ahead;
    return runnable_since(absence, task, since ?: clock, clock, now);
}

/* Of one that is on no CPU now; 0 where it cannot run yet. The clock of its queue may not have been read for a while. One that sleeps may be kept in
 * a queue for a while (DELAY_DEQUEUE), and has been there since then for the kernel, where it is moved to another.
 */
ALWAYS_INLINE u64 runnable_by_now(const struct absence *absence, const struct task_struct *task, u64 now) {
    const struct switch_clock *of = this_switch_clock();
    if (!of || task->__state & ~TASK_WAKING) {
        return 0;
    }
    u64 since = task->sched_info.last_queued, clock = of->read ? now - of->ahead : task->se.cfs_rq->rq->clock;
    u64 runnable = runnable_since(absence, task, since ?: clock, clock, now);
    return runnable < now ? runnable : 0;
}
