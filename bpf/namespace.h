/* Processes by the numbers of the agent's PID namespace (pid_namespaces(7)). A task has a number in its own namespace and in
 * each above it:
 *
 *   struct pid: level │ numbers[0] initial namespace │ numbers[1] │ … │ numbers[level] the task's own
 *
 * The agent's is among them, or the task is not to be seen from there.
 */
#pragma once
#include "kernel.h"

enum { PID_NAMESPACE_LEVELS = 33 }; /* include/linux/pid_namespace.h: MAX_PID_NS_LEVEL, and the initial one */

ALWAYS_INLINE int read_number(struct upid *number, const struct pid *pid, u32 level) {
    const void *numbers = &pid->numbers;
    return !bpf_probe_read_kernel(number, sizeof *number, numbers + level * sizeof *number);
}

/* Thread group id and thread id as in bpf_get_current_pid_tgid(), 0 for a task that the namespace does not see. All threads of a
 * process are in one namespace. Targets are mostly in the agent's own, so that is asked first. */
ALWAYS_INLINE u64 ids_in(u32 namespace, struct task_struct *task) {
    struct pid *group = task->group_leader->thread_pid;
    u32 level = group->level;
    for (int i = 0; i < PID_NAMESPACE_LEVELS; i++, level--) {
        struct upid number, thread;
        u32 inode;
        if (!read_number(&number, group, level) || bpf_probe_read_kernel(&inode, sizeof inode, &number.ns->ns.inum)) {
            return 0;
        }
        if (inode == namespace) {
            return read_number(&thread, task->thread_pid, level) ? (u64)number.nr << 32 | (u32)thread.nr : 0;
        }
        if (!level) {
            return 0;
        }
    }
    return 0;
}
