/* The few kernel types and helpers that the program uses, instead of a generated vmlinux.h.
 * Fields reached through BTF carry preserve_access_index: libbpf relocates them to the running kernel's layout.
 */
#pragma once
#include "abi.h"

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name
#define __array(name, value) typeof(value) *name[]
#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
    BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0 };
enum { BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_RB_AVAIL_DATA = 0, BPF_RB_RING_SIZE = 1, BPF_RB_NO_WAKEUP = 1 };

/* include/linux/sched.h: a thread of the kernel has no user stack. */
#define PF_KTHREAD 0x00200000

/* Likewise: of a process, but in the kernel for ever, for io_uring or vhost. */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000

/* arch/x86/include/asm/segment.h: the code segment of 32-bit programs. */
#define USER32_CS 0x23

/* include/linux/mm_types.h */
struct mm_struct {
    unsigned long start_stack; /* of the first thread, where execve has put argc */
} __attribute__((preserve_access_index));

struct thread_struct {
    unsigned long fsbase;
} __attribute__((preserve_access_index));

/* kernel/sched/sched.h */
struct rq {
    u64 clock; /* as it was read last: at the switch that is under way, or the wake-up that has brought it about */
} __attribute__((preserve_access_index));

struct cfs_rq {
    struct rq *rq; /* with CONFIG_FAIR_GROUP_SCHED */
} __attribute__((preserve_access_index));

struct sched_entity {
    struct cfs_rq *cfs_rq; /* likewise; of the CPU that a task belongs to, whatever class it is of */
} __attribute__((preserve_access_index));

/* include/linux/sched.h, with CONFIG_SCHED_INFO; nanoseconds of the clock of run queues. */
struct sched_info {
    u64 run_delay;    /* how long the task has been in run queues, but for the present one */
    u64 last_arrival; /* on a CPU */
    u64 last_queued;  /* 0: it is in no queue */
} __attribute__((preserve_access_index));

struct task_struct {
    u32 __state;
    u32 flags;
    s32 on_cpu;
    s32 pid;
    s32 tgid;
    unsigned long nvcsw;  /* times that it has left a processor, of its own will */
    unsigned long nivcsw; /* and not */
    unsigned long min_flt;
    unsigned long maj_flt;
    unsigned in_iowait : 1;
    u64 start_boottime;
    char comm[16];
    struct files_struct *files; /* 0 once it has given up its descriptors */
    struct mm_struct *mm; /* 0 once an ending thread has given up its memory */
    struct pid *thread_pid;
    u64 parent_exec_id; /* programs that its parent had executed when it was made */
    u64 self_exec_id;
    struct task_struct *real_parent;
    struct task_struct *group_leader;
    struct thread_struct thread;
    struct sched_entity se;
    struct sched_info sched_info;
} __attribute__((preserve_access_index));

/* Kernels for a single processor have no such field: while they run this, they run nothing else. */
ALWAYS_INLINE int is_on_cpu(const struct task_struct *task) {
    return __builtin_preserve_field_info(task->on_cpu, 2 /* whether it exists */) && task->on_cpu;
}

/* include/linux/ns_common.h, pid_namespace.h, pid.h */
struct ns_common {
    u32 inum;
} __attribute__((preserve_access_index));

struct pid_namespace {
    struct ns_common ns;
} __attribute__((preserve_access_index));

struct upid {
    s32 nr;
    struct pid_namespace *ns;
};

struct pid {
    u32 level;
    struct upid numbers[1];
} __attribute__((preserve_access_index));

struct vm_area_struct {
    unsigned long vm_end;
} __attribute__((preserve_access_index));

/* include/linux/bpf.h, kernel/bpf/task_iter.c: the context of a program that is run for each task there is, and once more for none. */
struct bpf_iter_meta {
    struct seq_file *seq;
    u64 session_id;
    u64 seq_num; /* of the task, from 0 on */
} __attribute__((preserve_access_index));

struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
} __attribute__((preserve_access_index));

/* include/uapi/linux/bpf.h: its own fields are the kernel's. */
struct bpf_timer {
    u64 opaque[2];
} __attribute__((aligned(8)));

enum { CLOCK_MONOTONIC = 1, BPF_F_TIMER_CPU_PIN = 2, BPF_NOEXIST = 1 };

/* include/linux/sched.h */
#define TASK_DEAD 0x80
#define TASK_WAKING 0x200

/* arch/x86/include/uapi/asm/ptrace.h: what a sample's context and task_pt_regs() hold. */
struct pt_regs {
    u64 r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp, ss;
};

/* include/uapi/linux/bpf_perf_event.h */
struct bpf_perf_event_data {
    struct pt_regs regs;
    u64 sample_period;
    u64 addr;
};

/* include/uapi/linux/bpf.h: the numbers are the kernel's ABI. */
static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*const bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static u32 (*const bpf_get_prandom_u32)(void) = (void *)7;
static u32 (*const bpf_get_smp_processor_id)(void) = (void *)8;
static u64 (*const bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*const bpf_get_current_comm)(void *buffer, u32 size) = (void *)16;
static u64 (*const bpf_get_current_task)(void) = (void *)35;
static long (*const bpf_perf_event_read_value)(void *map, u64 index, void *value, u32 size) = (void *)55;
static long (*const bpf_get_stack)(void *ctx, void *buffer, u32 size, u64 flags) = (void *)67;
static long (*const bpf_probe_read_user)(void *to, u32 size, const void *from) = (void *)112;
static long (*const bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const bpf_seq_write)(struct seq_file *to, const void *data, u32 size) = (void *)127;
static long (*const bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static void *(*const bpf_ringbuf_reserve)(void *ring, u64 size, u64 flags) = (void *)131;
static void (*const bpf_ringbuf_submit)(void *data, u64 flags) = (void *)132;
static u64 (*const bpf_ringbuf_query)(void *ring, u64 what) = (void *)134;
static long (*const bpf_get_task_stack)(struct task_struct *task, void *buffer, u32 size, u64 flags) = (void *)141;
static struct task_struct *(*const bpf_get_current_task_btf)(void) = (void *)158;
static long (*const bpf_for_each_map_elem)(void *map, void *callback, void *context, u64 flags) = (void *)164;
static struct pt_regs *(*const bpf_task_pt_regs)(struct task_struct *task) = (void *)175;
static long (*const bpf_timer_init)(struct bpf_timer *timer, void *map, u64 clock) = (void *)169;
static long (*const bpf_timer_set_callback)(struct bpf_timer *timer, void *callback) = (void *)170;
static long (*const bpf_timer_start)(struct bpf_timer *timer, u64 ns, u64 flags) = (void *)171;
static long (*const bpf_find_vma)(struct task_struct *task, u64 address, void *callback, void *context, u64 flags) = (void *)180;
static long (*const bpf_loop)(u32 count, void *callback, void *context, u64 flags) = (void *)181;
