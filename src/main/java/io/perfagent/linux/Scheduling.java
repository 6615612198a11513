package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** How the kernel treats the calling thread when processors are scarce. */
public final class Scheduling {
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;
    private static final int HIGHEST = -20;
    private static final MethodHandle SETPRIORITY =
            Native.errnoCall("setpriority", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

    private Scheduling() {}

    /** Puts the calling OS thread before all ordinary ones until it ends, if that is allowed (setpriority(2), CAP_SYS_NICE). */
    public static void preferThisThread() {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int)
                    SETPRIORITY.invokeExact(arena.allocate(Native.CAPTURE), PRIO_PROCESS, CALLING_THREAD, HIGHEST);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
