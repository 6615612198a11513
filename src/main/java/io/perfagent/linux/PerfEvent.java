package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * perf_event_open(2), for two software events: the clock of a CPU, which is sampled, and one that never counts and only brings
 * what happens to processes there.
 *
 * <pre>
 *   struct perf_event_attr: 0 type u32 │ 4 size u32 │ 8 config u64 │ 16 sample_period u64 │ 24 sample_type u64 │
 *                           40 flag bits u64 │ 48 wakeup_watermark u32 │ … │ 92 clockid s32
 * </pre>
 */
public final class PerfEvent {
    private static final long SYS_PERF_EVENT_OPEN =
            System.getProperty("os.arch").equals("aarch64") ? 241 : 298;
    private static final int ATTR_SIZE = 96; // PERF_ATTR_SIZE_VER3
    private static final int PERF_TYPE_HARDWARE = 0;
    private static final int PERF_TYPE_SOFTWARE = 1;
    private static final int PERF_TYPE_TRACEPOINT = 2;
    private static final long PERF_COUNT_SW_CPU_CLOCK = 0;
    private static final long PERF_COUNT_SW_DUMMY = 9;
    private static final long PERF_SAMPLE_TID = 1 << 1;
    private static final long PERF_SAMPLE_TIME = 1 << 2;
    private static final long PERF_SAMPLE_CPU = 1 << 7;
    private static final long DISABLED = 1;
    private static final long EXCLUDE_IDLE = 1 << 7;
    private static final long MMAP = 1 << 8;
    private static final long COMM = 1 << 9;
    private static final long TASK = 1 << 13;
    private static final long WATERMARK = 1 << 14;
    private static final long SAMPLE_ID_ALL = 1 << 18;
    private static final long MMAP2 = 1 << 23;
    private static final long COMM_EXEC = 1 << 24;
    private static final long USE_CLOCKID = 1 << 25;
    private static final int CLOCK_MONOTONIC = 1;
    private static final long PERF_FLAG_FD_CLOEXEC = 8;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final CFunction SYSCALL = CFunction.of("syscall");
    private static final int ALL_PROCESSES = -1;
    private static final int NO_GROUP = -1;

    private PerfEvent() {}

    /**
     * Opens the cpu-clock event of a CPU, disabled.
     *
     * @param cpu CPU number
     * @param rate samples per second
     */
    public static Fd cpuClock(int cpu, int rate) throws LinuxException {
        return sampledSoftware(cpu, PERF_COUNT_SW_CPU_CLOCK, NANOS_PER_SECOND / rate);
    }

    /**
     * Opens an event of the kernel's on a CPU, disabled.
     *
     * @param number an enum perf_sw_ids
     * @param period so many are a sample, of a clock so many nanoseconds
     */
    public static Fd sampledSoftware(int cpu, long number, long period) throws LinuxException {
        return sampled(cpu, PERF_TYPE_SOFTWARE, number, period);
    }

    /**
     * Opens an event of the processor's on a CPU, disabled.
     *
     * @param number an enum perf_hw_id
     * @param period so many are a sample
     */
    public static Fd sampledHardware(int cpu, long number, long period) throws LinuxException {
        return sampled(cpu, PERF_TYPE_HARDWARE, number, period);
    }

    /**
     * Opens a tracepoint, disabled: a program that is attached to it runs whenever the kernel comes by, on whatever CPU.
     *
     * @param number {@link Tracepoint#number}
     */
    public static Fd tracepoint(int cpu, long number) throws LinuxException {
        return sampled(cpu, PERF_TYPE_TRACEPOINT, number, 0);
    }

    private static Fd sampled(int cpu, int type, long number, long period) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attributes(arena, number, DISABLED | (type == PERF_TYPE_SOFTWARE ? EXCLUDE_IDLE : 0));
            attr.set(JAVA_INT, 0, type);
            attr.set(JAVA_LONG, 16, period);
            return open(arena, attr, "event " + type + ":" + number, cpu);
        }
    }

    /**
     * Opens a counter of the hardware of a CPU, which counts from now on, whoever runs there.
     *
     * @param number an enum perf_hw_id
     */
    public static Fd hardware(int cpu, int number) throws LinuxException {
        return counter(cpu, PERF_TYPE_HARDWARE, number);
    }

    /**
     * The same of any kind of event.
     *
     * @param type an enum perf_type_id
     * @param config which of that type
     */
    public static Fd counter(int cpu, int type, long config) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = attributes(arena, config, 0);
            attr.set(JAVA_INT, 0, type);
            return open(arena, attr, "counter", cpu);
        }
    }

    /**
     * Opens an event whose ring, a {@link PerfRing}, gets a record of each fork, exec and exit on a CPU, and of each mapping that code
     * may run in. Each record ends with who and when: pid u32, tid u32, CLOCK_MONOTONIC u64, cpu u32, reserved u32. The ring becomes
     * readable with its first record.
     */
    public static Fd sideBand(int cpu) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            long wanted = MMAP | MMAP2 | COMM | COMM_EXEC | TASK | WATERMARK | SAMPLE_ID_ALL | USE_CLOCKID;
            MemorySegment attr = attributes(arena, PERF_COUNT_SW_DUMMY, wanted);
            attr.set(JAVA_LONG, 24, PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU);
            attr.set(JAVA_INT, 48, 1); // bytes; a number of events would count samples only
            attr.set(JAVA_INT, 92, CLOCK_MONOTONIC);
            return open(arena, attr, "dummy", cpu);
        }
    }

    private static MemorySegment attributes(Arena arena, long config, long flags) {
        MemorySegment attr = arena.allocate(ATTR_SIZE, 8);
        attr.set(JAVA_INT, 0, PERF_TYPE_SOFTWARE);
        attr.set(JAVA_INT, 4, ATTR_SIZE);
        attr.set(JAVA_LONG, 8, config);
        attr.set(JAVA_LONG, 40, flags);
        return attr;
    }

    private static Fd open(Arena arena, MemorySegment attr, String name, int cpu) throws LinuxException {
        return new Fd(SYSCALL.check(
                "perf_event_open(" + name + ", CPU " + cpu + ")",
                CFunction.errnoIn(arena),
                SYS_PERF_EVENT_OPEN,
                CFunction.address(attr),
                ALL_PROCESSES,
                cpu,
                NO_GROUP,
                PERF_FLAG_FD_CLOEXEC));
    }
}
