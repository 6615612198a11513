package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Time since the machine started, in which it may have slept (clock_gettime(2)): the start times of {@code /proc/<pid>/stat} are of this
 * clock. {@link System#nanoTime} is CLOCK_MONOTONIC, which stands still meanwhile.
 */
public final class BootClock {
    private static final int CLOCK_BOOTTIME = 7;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long TICK_NANOS = 10_000_000; // USER_HZ is 100 on every architecture
    private static final MethodHandle CLOCK_GETTIME = Native.errnoCall("clock_gettime", JAVA_INT, JAVA_INT, ADDRESS);

    private BootClock() {}

    /** Nanoseconds. */
    public static long nanos() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(JAVA_LONG, 2); // struct timespec
            int _ = (int) CLOCK_GETTIME.invokeExact(arena.allocate(Native.CAPTURE), CLOCK_BOOTTIME, time);
            return time.getAtIndex(JAVA_LONG, 0) * NANOS_PER_SECOND + time.getAtIndex(JAVA_LONG, 1);
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }

    /** Nanoseconds from a start time, in the ticks of {@code /proc/<pid>/stat}, to a time of this clock. */
    public static long since(long startTicks, long nanos) {
        return nanos - startTicks * TICK_NANOS;
    }
}
