package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.perfagent.model.Activity;
import io.perfagent.model.Descriptor;
import io.perfagent.model.ThreadTimes;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct thread_record}: a thread of a target, as the kernel's list of tasks had it.
 *
 * @param id which thread
 * @param name its comm
 * @param state as in the kernel's {@code TASK_…}
 * @param onCpu whether it was on a processor: then nothing of what follows is known
 * @param userless whether it never runs user code, or has no memory any more
 * @param compat whether it runs 32-bit code
 * @param registers by DWARF number
 * @param pc where it goes on in user code
 * @param call number of the system call that it has entered the kernel by; −1: by none
 * @param fsBase where its FS begins
 * @param first where the process's first thread began its stack
 * @param kernel where it is in the kernel, addresses inside instructions, innermost first
 * @param switches times that it had left a processor before it was looked at
 * @param switchesAfter the same, after it was seen on none
 * @param awaySince CLOCK_MONOTONIC, when it left its processor; 0 where nobody has seen that
 * @param woken likewise, when its wait was ended; 0: not yet
 * @param seen likewise, when it was looked at; 0 where the kernel side knows nothing of its times
 * @param cut likewise, when its time off the CPU was parted before this look; 0: never
 * @param descriptor what the first argument of its system call stands for, were that a descriptor; NONE where it was not asked for
 * @param times what it has spent since it was seen first, up to this look
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ThreadRecord(
        ThreadId id,
        String name,
        int state,
        boolean onCpu,
        boolean userless,
        boolean compat,
        long[] registers,
        long pc,
        long call,
        long fsBase,
        long first,
        long[] kernel,
        long switches,
        long switchesAfter,
        long awaySince,
        long woken,
        long seen,
        long cut,
        Descriptor descriptor,
        ThreadTimes times) {
    private static final int REGISTERS = 16;
    private static final int RAX = 0;
    private static final int RSP = 7;
    /** arch/x86/entry/syscalls/syscall_64.tbl: clone, clone3. */
    private static final long CLONE = 56;

    private static final long CLONE3 = 435;

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("started"),
                    JAVA_LONG.withName("switches"),
                    MemoryLayout.sequenceLayout(REGISTERS, JAVA_LONG).withName("registers"),
                    JAVA_LONG.withName("pc"),
                    JAVA_LONG.withName("call"),
                    JAVA_LONG.withName("fs_base"),
                    JAVA_LONG.withName("first"),
                    JAVA_INT.withName("pid"),
                    JAVA_INT.withName("tid"),
                    JAVA_INT.withName("state"),
                    JAVA_BYTE.withName("on_cpu"),
                    JAVA_BYTE.withName("userless"),
                    JAVA_BYTE.withName("compat"),
                    JAVA_BYTE.withName("kernel_frames"),
                    MemoryLayout.sequenceLayout(SampleRecord.COMM_LENGTH, JAVA_BYTE)
                            .withName("comm"),
                    MemoryLayout.sequenceLayout(Limits.MAX_THREAD_KERNEL_FRAMES, JAVA_LONG)
                            .withName("kernel"),
                    JAVA_LONG.withName("switches_after"),
                    JAVA_LONG.withName("away_since"),
                    JAVA_LONG.withName("woken"),
                    JAVA_LONG.withName("seen"),
                    JAVA_LONG.withName("cut"),
                    JAVA_LONG.withName("descriptor"),
                    ThreadTimesRecord.LAYOUT.withName("times"))
            .withName("thread_record");

    private static final long STARTED = offset("started");
    private static final long SWITCHES = offset("switches");
    private static final long SWITCHES_AFTER = offset("switches_after");
    private static final long AWAY_SINCE = offset("away_since");
    private static final long WOKEN = offset("woken");
    private static final long SEEN = offset("seen");
    private static final long CUT = offset("cut");
    private static final long DESCRIPTOR = offset("descriptor");
    private static final long TIMES = offset("times");
    private static final long FIRST_REGISTER = offset("registers");
    private static final long PC = offset("pc");
    private static final long CALL = offset("call");
    private static final long FS_BASE = offset("fs_base");
    private static final long FIRST = offset("first");
    private static final long PID = offset("pid");
    private static final long TID = offset("tid");
    private static final long STATE = offset("state");
    private static final long ON_CPU = offset("on_cpu");
    private static final long USERLESS = offset("userless");
    private static final long COMPAT = offset("compat");
    private static final long KERNEL_FRAMES = offset("kernel_frames");
    private static final long COMM = offset("comm");
    private static final long KERNEL = offset("kernel");

    /**
     * A thread, not a number: that may be another's later.
     *
     * @param started nanoseconds after boot
     */
    public record ThreadId(int pid, int tid, long started) {}

    /** Copies a record. */
    public static ThreadRecord decode(MemorySegment record) {
        return new ThreadRecord(
                new ThreadId(record.get(JAVA_INT, PID), record.get(JAVA_INT, TID), record.get(JAVA_LONG, STARTED)),
                SampleRecord.comm(record, COMM),
                record.get(JAVA_INT, STATE),
                record.get(JAVA_BYTE, ON_CPU) != 0,
                record.get(JAVA_BYTE, USERLESS) != 0,
                record.get(JAVA_BYTE, COMPAT) != 0,
                SampleRecord.addresses(record, FIRST_REGISTER, REGISTERS),
                record.get(JAVA_LONG, PC),
                record.get(JAVA_LONG, CALL),
                record.get(JAVA_LONG, FS_BASE),
                record.get(JAVA_LONG, FIRST),
                SampleRecord.lowered(SampleRecord.addresses(
                        record, KERNEL, Byte.toUnsignedInt(record.get(JAVA_BYTE, KERNEL_FRAMES)))),
                record.get(JAVA_LONG, SWITCHES),
                record.get(JAVA_LONG, SWITCHES_AFTER),
                record.get(JAVA_LONG, AWAY_SINCE),
                record.get(JAVA_LONG, WOKEN),
                record.get(JAVA_LONG, SEEN),
                record.get(JAVA_LONG, CUT),
                Descriptor.of((int) record.get(JAVA_LONG, DESCRIPTOR)),
                ThreadTimesRecord.decode(record, TIMES));
    }

    /** Whether it was on a processor at no time between an earlier look and this one: what was read of it in between is of one moment. */
    public boolean hasStoodSince(ThreadRecord earlier) {
        return !earlier.onCpu && !onCpu && switchesAfter == earlier.switches && id.equals(earlier.id);
    }

    /** Nanoseconds that it has been off the CPU by this look, and since the cut before it. */
    public long openNanos() {
        return awaySince == 0 ? 0 : Math.max(0, seen - openSince());
    }

    /** Of these, those until somebody ended its wait. */
    public long openBlocked() {
        boolean couldRun = TaskState.activity(state) == Activity.RUNNABLE;
        long until = woken == 0 ? seen : Math.min(woken, seen);
        return awaySince == 0 || couldRun ? 0 : Math.max(0, until - openSince());
    }

    /** Of these, those in which it was ready to run. */
    public long openQueued() {
        return openNanos() - openBlocked();
    }

    private long openSince() {
        return Math.max(awaySince, cut);
    }

    public long stackPointer() {
        return registers[RSP];
    }

    /** Whether it has just been made: it has 0 from a call behind which libc leaves no CFI, and no frame yet. */
    public boolean newborn() {
        return registers[RAX] == 0 && (call == CLONE || call == CLONE3);
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
