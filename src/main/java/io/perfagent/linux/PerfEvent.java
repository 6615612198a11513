package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * perf_event_open(2), for the one event that is sampled: the software clock of a CPU, of whatever process runs there.
 *
 * <pre>
 *   struct perf_event_attr: 0 type u32 │ 4 size u32 │ 8 config u64 │ 16 sample_period u64 │ … │ 40 flag bits u64 │ …
 * </pre>
 */
public final class PerfEvent {
    private static final long SYS_PERF_EVENT_OPEN =
            System.getProperty("os.arch").equals("aarch64") ? 241 : 298;
    private static final int ATTR_SIZE = 64; // PERF_ATTR_SIZE_VER0
    private static final int PERF_TYPE_SOFTWARE = 1;
    private static final long PERF_COUNT_SW_CPU_CLOCK = 0;
    private static final long DISABLED = 1;
    private static final long EXCLUDE_IDLE = 1 << 7;
    private static final long PERF_FLAG_FD_CLOEXEC = 8;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final MethodHandle SYSCALL = Native.variadicErrnoCall(
            "syscall", 1, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);

    private PerfEvent() {}

    /**
     * Opens the cpu-clock event of a CPU, disabled.
     *
     * @param cpu CPU number
     * @param rate samples per second
     */
    public static Fd cpuClock(int cpu, int rate) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment capture = arena.allocate(Native.CAPTURE);
            MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
            attr.set(JAVA_INT, 0, PERF_TYPE_SOFTWARE);
            attr.set(JAVA_INT, 4, ATTR_SIZE);
            attr.set(JAVA_LONG, 8, PERF_COUNT_SW_CPU_CLOCK);
            attr.set(JAVA_LONG, 16, NANOS_PER_SECOND / rate);
            attr.set(JAVA_LONG, 40, DISABLED | EXCLUDE_IDLE);
            long fd = (long) SYSCALL.invokeExact(capture, SYS_PERF_EVENT_OPEN, attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
            if (fd < 0) {
                throw new LinuxException("perf_event_open(cpu-clock, CPU " + cpu + ")", Native.errno(capture));
            }
            return new Fd((int) fd);
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.unexpected(e);
        }
    }
}
