package io.perfagent.bpf.abi;

import io.perfagent.model.Activity;

/** {@code __state} of include/linux/sched.h. */
public final class TaskState {
    private static final int INTERRUPTIBLE = 0x01;
    private static final int UNINTERRUPTIBLE = 0x02;
    private static final int STOPPED = 0x04;
    private static final int TRACED = 0x08;
    private static final int DEAD = 0x80;
    private static final int WAKING = 0x200;

    private TaskState() {}

    /** What a task does that is on no processor. */
    public static Activity activity(int state) {
        if ((state & DEAD) != 0) {
            return Activity.ENDING;
        }
        if ((state & TRACED) != 0) {
            return Activity.TRACED;
        }
        if ((state & STOPPED) != 0) {
            return Activity.STOPPED;
        }
        if ((state & UNINTERRUPTIBLE) != 0) {
            return Activity.UNINTERRUPTIBLE;
        }
        return (state & (INTERRUPTIBLE | WAKING)) != 0 ? Activity.SLEEPING : Activity.RUNNABLE;
    }
}
