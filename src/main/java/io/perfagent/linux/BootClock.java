package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Time since the machine started, in which it may have slept (clock_gettime(2)): the start times of {@code /proc/<pid>/stat} are of this
 * clock. {@link System#nanoTime} is CLOCK_MONOTONIC, which stands still meanwhile.
 */
public final class BootClock {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long TICK_NANOS = 10_000_000; // USER_HZ is 100 on every architecture
    private static final CFunction CLOCK_GETTIME = CFunction.of("clock_gettime");

    private BootClock() {}

    /** Nanoseconds. */
    public static long nanos() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(JAVA_LONG, 2); // struct timespec
            long _ = CLOCK_GETTIME.call(CFunction.errnoIn(arena), CLOCK_BOOTTIME, CFunction.address(time));
            return time.getAtIndex(JAVA_LONG, 0) * NANOS_PER_SECOND + time.getAtIndex(JAVA_LONG, 1);
        }
    }

    /** Nanoseconds from a start time, in the ticks of {@code /proc/<pid>/stat}, to a time of this clock. */
    public static long since(long startTicks, long nanos) {
        return nanos - startTicks * TICK_NANOS;
    }
}
