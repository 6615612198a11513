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

/* 0 where the namespace has no number for it. Targets are mostly in the agent's own namespace, so that is asked first. */
ALWAYS_INLINE u32 number_in(u32 namespace, const struct pid *pid) {
    u32 level = pid->level;
    const void *numbers = &pid->numbers;
    for (u32 above = 0; above < PID_NAMESPACE_LEVELS && above <= level; above++) {
        struct upid number;
        u32 inode;
        if (bpf_probe_read_kernel(&number, sizeof number, numbers + (level - above) * sizeof number)
            || bpf_probe_read_kernel(&inode, sizeof inode, &number.ns->ns.inum)) {
            return 0;
        }
        if (inode == namespace) {
            return number.nr;
        }
    }
    return 0;
}

/* Thread group id and thread id as in bpf_get_current_pid_tgid(), 0 for a task that the namespace does not see. */
ALWAYS_INLINE u64 ids_in(u32 namespace) {
    struct task_struct *task = bpf_get_current_task_btf();
    u64 group = number_in(namespace, task->group_leader->thread_pid);
    return group ? group << 32 | number_in(namespace, task->thread_pid) : 0;
}
