/* The sampler in user space: the very program of bpf/, with the kernel's helpers replaced by what a test provides.
 *
 *   test ── host_memory, host_slab, host_process ──→ struct host ←── helpers ←── cpu.bpf.c, walker.h, code.h, tables.h
 *   test ── host_sample(registers) ──→ sample_cpu() ──→ bpf_ringbuf_output ──→ struct sample_record, as in the ring
 *
 * One walk at a time, as on one CPU. Compiled by the test, with bpf/ as include folder.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Every kernel has the fields here, and clang knows the question for the target BPF only. */
#define __builtin_preserve_field_info(field, question) 1

/* kernel.h declares the helpers as numbers of the kernel's: out of the way with them. */
#define bpf_map_lookup_elem number_of_map_lookup_elem
#define bpf_map_update_elem number_of_map_update_elem
#define bpf_ktime_get_ns number_of_ktime_get_ns
#define bpf_get_smp_processor_id number_of_get_smp_processor_id
#define bpf_get_current_pid_tgid number_of_get_current_pid_tgid
#define bpf_get_current_comm number_of_get_current_comm
#define bpf_get_stack number_of_get_stack
#define bpf_probe_read_user number_of_probe_read_user
#define bpf_probe_read_kernel number_of_probe_read_kernel
#define bpf_ringbuf_output number_of_ringbuf_output
#define bpf_ringbuf_reserve number_of_ringbuf_reserve
#define bpf_ringbuf_submit number_of_ringbuf_submit
#define bpf_ringbuf_query number_of_ringbuf_query
#define bpf_get_current_task_btf number_of_get_current_task_btf
#define bpf_task_pt_regs number_of_task_pt_regs
#define bpf_find_vma number_of_find_vma
#define bpf_loop number_of_loop
#include "kernel.h"
#undef bpf_map_lookup_elem
#undef bpf_map_update_elem
#undef bpf_ktime_get_ns
#undef bpf_get_smp_processor_id
#undef bpf_get_current_pid_tgid
#undef bpf_get_current_comm
#undef bpf_get_stack
#undef bpf_probe_read_user
#undef bpf_probe_read_kernel
#undef bpf_ringbuf_output
#undef bpf_ringbuf_reserve
#undef bpf_ringbuf_submit
#undef bpf_ringbuf_query
#undef bpf_get_current_task_btf
#undef bpf_task_pt_regs
#undef bpf_find_vma
#undef bpf_loop

static void *bpf_map_lookup_elem(void *map, const void *key);
static long bpf_map_update_elem(void *map, const void *key, const void *value, u64 flags);
static void *bpf_ringbuf_reserve(void *ring, u64 size, u64 flags);
static void bpf_ringbuf_submit(void *data, u64 flags);
static u64 bpf_ktime_get_ns(void);
static u32 bpf_get_smp_processor_id(void);
static u64 bpf_get_current_pid_tgid(void);
static long bpf_get_current_comm(void *buffer, u32 size);
static long bpf_get_stack(void *ctx, void *buffer, u32 size, u64 flags);
static long bpf_probe_read_user(void *to, u32 size, const void *from);
static long bpf_probe_read_kernel(void *to, u32 size, const void *from);
static long bpf_ringbuf_output(void *ring, void *data, u64 size, u64 flags);
static u64 bpf_ringbuf_query(void *ring, u64 what);
static struct task_struct *bpf_get_current_task_btf(void);
static struct pt_regs *bpf_task_pt_regs(struct task_struct *task);
static long bpf_find_vma(struct task_struct *task, u64 address, void *callback, void *context, u64 flags);
static long bpf_loop(u32 count, void *callback, void *context, u64 flags);

#include "cpu.bpf.c"

#define EXPORT __attribute__((visibility("default")))

enum { PID = 1000, TID = 1001, RING_SIZE = 4 << 20 };

static struct host {
    long (*read)(void *to, u32 size, u64 from);
    void *slabs[MAX_SLABS];
    struct process process;
    u32 known; /* whether the process is in the map */
    u32 kernel_frames;
    u64 kernel_stack[MAX_KERNEL_FRAMES];
    struct task_struct task;
    struct mm_struct memory;
    struct pt_regs user;
    struct walk walk;
    struct rule_cache cache;
    struct cpu_counters counters;
    struct copy_area copy;
    u64 stack_end; /* of its mapping; 0: not to be had */
    struct python_thread_key thread_key;
    struct python_thread thread; /* the one that the map of Python's threads has */
    struct made_code_key made_key; /* the one that the map of made code has */
    struct made_code made;
    u32 asked; /* times */
    struct sent_codes sent_codes;
    struct sent_code sent_code;
    u32 codes_sent;
    u64 ring_used; /* bytes that nobody has read yet */
    u64 sent; /* bytes of the record that left */
    u8 record[sizeof(struct copy_area)] __attribute__((aligned(8)));
} host;

/* A slab's map has one element: the slab stands for both. */
static void *bpf_map_lookup_elem(void *map, const void *key) {
    u32 number = *(const u32 *)key;
    return map == &slabs       ? (number < MAX_SLABS ? host.slabs[number] : 0)
           : map == &processes ? (host.known && number == PID ? &host.process : 0)
           : map == &walks     ? (void *)&host.walk
           : map == &caches    ? (void *)&host.cache
           : map == &copies    ? (void *)&host.copy
           : map == &counters  ? (void *)&host.counters
           : map == &made_code ? (memcmp(key, &host.made_key, sizeof host.made_key) ? 0 : (void *)&host.made)
           : map == &sent      ? (void *)&host.sent_codes
           : map == &python_threads
               ? (memcmp(key, &host.thread_key, sizeof host.thread_key) ? 0 : (void *)&host.thread)
               : map;
}

/* Of Python's threads, and of code that the process has made. */
static long bpf_map_update_elem(void *map, const void *key, const void *value, u64 flags) {
    (void)flags;
    if (map == &made_code) {
        memcpy(&host.made_key, key, sizeof host.made_key);
        memcpy(&host.made, value, sizeof host.made);
        return 0;
    }
    memcpy(&host.thread_key, key, sizeof host.thread_key);
    memcpy(&host.thread, value, sizeof host.thread);
    return 0;
}

static void *bpf_ringbuf_reserve(void *to, u64 size, u64 flags) {
    (void)to;
    (void)size;
    (void)flags;
    return &host.sent_code;
}

static void bpf_ringbuf_submit(void *data, u64 flags) {
    (void)data;
    (void)flags;
    host.codes_sent++;
}

static u64 now;

static u64 bpf_ktime_get_ns(void) { return ++now; }

static u32 bpf_get_smp_processor_id(void) { return 0; }
static u64 bpf_get_current_pid_tgid(void) { return (u64)PID << 32 | TID; }
static struct task_struct *bpf_get_current_task_btf(void) {
    return &host.task;
}

static struct pt_regs *bpf_task_pt_regs(struct task_struct *task) {
    (void)task;
    return &host.user;
}

static long bpf_get_current_comm(void *buffer, u32 size) {
    strncpy(buffer, "host", size);
    return 0;
}

static long bpf_get_stack(void *ctx, void *buffer, u32 size, u64 flags) {
    (void)ctx;
    (void)flags;
    u32 bytes = 8 * host.kernel_frames;
    bytes = bytes < size ? bytes : size;
    memcpy(buffer, host.kernel_stack, bytes);
    return bytes;
}

/* A read that fails leaves zeros, as the kernel's does. */
static long bpf_probe_read_user(void *to, u32 size, const void *from) {
    long result = host.read(to, size, (u64)from);
    if (result) {
        memset(to, 0, size);
    }
    return result;
}

static long bpf_probe_read_kernel(void *to, u32 size, const void *from) {
    memcpy(to, from, size);
    return 0;
}

static long bpf_ringbuf_output(void *to, void *data, u64 size, u64 flags) {
    (void)flags;
    if (to == &unknown_code) {
        host.asked++;
        return 0;
    }
    memcpy(host.record, data, size);
    host.sent = size;
    return 0;
}

static u64 bpf_ringbuf_query(void *of, u64 what) {
    (void)of;
    return what == BPF_RB_RING_SIZE ? RING_SIZE : host.ring_used;
}

/* A task whose mappings are locked has none. */
static long bpf_find_vma(struct task_struct *task, u64 address, void *callback, void *context, u64 flags) {
    (void)address;
    (void)flags;
    struct vm_area_struct vma = {host.stack_end};
    return host.stack_end ? ((long (*)(struct task_struct *, struct vm_area_struct *, void *))callback)(task, &vma, context) : -1;
}

static long bpf_loop(u32 count, void *callback, void *context, u64 flags) {
    (void)flags;
    for (u32 i = 0; i < count; i++) {
        if (((long (*)(u32, void *))callback)(i, context)) {
            return i + 1;
        }
    }
    return count;
}

/* Forgets everything, and takes user memory from a callback that returns 0 where it has read all bytes. */
EXPORT void host_reset(long (*read)(void *to, u32 size, u64 from)) {
    memset(&host, 0, sizeof host);
    host.read = read;
    host.task.mm = &host.memory;
}

EXPORT void host_slab(u32 number, void *memory) { host.slabs[number] = memory; }

EXPORT void host_process(const struct process *process) {
    host.process = *process;
    host.known = 1;
}

EXPORT void host_stack_end(u64 end) { host.stack_end = end; }

EXPORT void host_first_stack(u64 address) { host.memory.start_stack = address; }

EXPORT void host_ring_used(u64 bytes) { host.ring_used = bytes; }

/* The registers and frames of a sample that hits the kernel: `user` is what task_pt_regs finds. */
EXPORT void host_kernel(const struct pt_regs *user, const u64 *stack, u32 frames) {
    host.user = *user;
    host.kernel_frames = frames;
    memcpy(host.kernel_stack, stack, 8 * frames);
}

/* What is known of an instruction of code that the process has made, as long as the code around it stays as it is. */
EXPORT u32 host_made(u64 address, u32 row, u32 returns) {
    read_code(&host.walk, address + returns);
    u32 hash = hash_of_code(&host.walk);
    read_code(&host.walk, address);
    host.made_key = (struct made_code_key){address, PID, 0};
    host.made = (struct made_code){row, hash_of_code(&host.walk), returns, hash};
    return host.made.hash;
}

/* It is known of a function, as long as its first bytes stay as they are, that it leads to an address, and those behind it in its block. */
EXPORT u32 host_leads(u64 function, u64 pc) {
    read_code(&host.walk, function);
    host.made_key = (struct made_code_key){function, PID, pc >> JUMP_BLOCK_SHIFT};
    host.made = (struct made_code){LEADS_THERE, hash_of_code(&host.walk), pc % (1 << JUMP_BLOCK_SHIFT), 0};
    return host.made.hash;
}

/* Times that user space was asked what code does. */
EXPORT u32 host_asked(void) { return host.asked; }

EXPORT void host_fs_base(u64 address) { host.task.thread.fsbase = address; }

/* Code objects of Python that samples have met first. */
EXPORT u32 host_codes_sent(void) { return host.codes_sent; }

EXPORT void host_pass(u64 ns) { now += ns; }

EXPORT const struct sent_code *host_code_sent(void) { return &host.sent_code; }

EXPORT void host_task(u32 flags, u32 has_memory) {
    host.task.flags = flags;
    host.task.mm = has_memory ? &host.memory : 0;
}

/* The loader writes .rodata before the program runs; here that needs the page's leave. */
EXPORT int host_config(u32 unwind_mode, u32 all_processes, u32 copy_mode, u32 pid_namespace) {
    struct sampler_config value = {
        .unwind_mode = unwind_mode, .all_processes = all_processes, .copy_mode = copy_mode, .pid_namespace = pid_namespace};
    u64 page = sysconf(_SC_PAGESIZE), start = (u64)&config & ~(page - 1);
    if (mprotect((void *)start, (u64)(&config + 1) - start, PROT_READ | PROT_WRITE)) {
        return -1;
    }
    *(volatile struct sampler_config *)&config = value;
    return 0;
}

/* Takes a sample; returns the record, or 0 where none left. */
EXPORT const void *host_sample(struct bpf_perf_event_data *context) {
    host.sent = 0;
    if (context->regs.cs & 3) {
        host.user = context->regs;
    }
    sample_cpu(context);
    return host.sent ? host.record : 0;
}

EXPORT u64 host_record_bytes(void) { return host.sent; }

EXPORT const struct cpu_counters *host_counters(void) { return &host.counters; }

EXPORT u32 host_find_row(const struct code_mapping *mapping, u64 address) {
    host.walk.mapping = *mapping;
    return find_row(&host.walk, address);
}

/* Leaves what was found in `found`; returns 0 where the address is in no mapping. */
EXPORT int host_find_mapping(const struct process *process, u64 address, struct code_mapping *found) {
    host.walk.process = *process;
    int result = find_mapping(&host.walk, address);
    *found = host.walk.mapping;
    return result;
}
