package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** How the kernel treats the calling thread when processors are scarce. */
public final class Scheduling {
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;
    private static final int HIGHEST = -20;
    private static final CFunction SETPRIORITY = CFunction.of("setpriority");

    private static final int SCHED_OTHER = 0;
    private static final int SCHED_FIFO = 1;
    private static final int RESET_ON_FORK = 0x40000000;
    private static final int LOWEST_OF_FIFO = 1;
    private static final CFunction SETSCHEDULER = CFunction.of("sched_setscheduler");
    private static final MemorySegment CAPTURE = CFunction.errnoIn(Arena.global());
    private static final MemorySegment NO_PRIORITY = Arena.global().allocateFrom(JAVA_INT, 0);
    private static final MemorySegment PRIORITY = Arena.global().allocateFrom(JAVA_INT, LOWEST_OF_FIFO);

    private Scheduling() {}

    /** Puts the calling OS thread before all that is not real-time, and lets its timers be exact, if that is allowed (sched(7)). */
    public static void preferAboveAll() {
        schedule(SCHED_FIFO, PRIORITY);
    }

    /** Undoes {@link #preferAboveAll}. */
    public static void preferNoLonger() {
        schedule(SCHED_OTHER, NO_PRIORITY);
    }

    private static void schedule(int policy, MemorySegment priority) {
        long _ = SETSCHEDULER.call(CAPTURE, CALLING_THREAD, policy | RESET_ON_FORK, CFunction.address(priority));
    }

    /** Puts the calling OS thread before all ordinary ones until it ends, if that is allowed (setpriority(2), CAP_SYS_NICE). */
    public static void preferThisThread() {
        try (Arena arena = Arena.ofConfined()) {
            long _ = SETPRIORITY.call(CFunction.errnoIn(arena), PRIO_PROCESS, CALLING_THREAD, HIGHEST);
        }
    }
}
