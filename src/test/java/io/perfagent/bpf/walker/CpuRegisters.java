package io.perfagent.bpf.walker;

import java.util.Arrays;

/** Registers by DWARF number, and the {@code struct bpf_perf_event_data} that they become. */
public final class CpuRegisters {
    public static final int RAX = 0;
    public static final int RBX = 3;
    public static final int RBP = 6;
    public static final int RSP = 7;
    public static final int R10 = 10;
    public static final int R15 = 15;
    public static final int RIP = 16;
    /** No register of DWARF: the number of the system call that the thread is in. */
    public static final int ORIG_RAX = 17;
    /** Nor this: the code segment, which says whether code is of 64 or 32 bits. */
    public static final int CS = 18;

    /** The DWARF number of each word of {@code struct pt_regs}; −1: eflags, ss. */
    private static final int[] PT_REGS = {
        15, 14, 13, 12, RBP, RBX, 11, R10, 9, 8, RAX, 2, 1, 4, 5, ORIG_RAX, RIP, CS, -1, RSP, -1
    };

    private static final int CS_WORD = 17;
    private static final int USER_CS = 0x33;
    private static final int KERNEL_CS = 0x10;

    /** Behind the registers: sample_period and addr. */
    private static final int CONTEXT_WORDS = PT_REGS.length + 2;

    private final long[] values = new long[19];

    /** All registers hold an address that is not mapped, so that a use which nobody meant is seen. */
    public CpuRegisters() {
        Arrays.fill(values, 0xbad_0000L);
        values[CS] = USER_CS;
    }

    public void set(int register, long value) {
        values[register] = value;
    }

    long get(int register) {
        return values[register];
    }

    long[] inUserMode() {
        long[] context = new long[CONTEXT_WORDS];
        for (int i = 0; i < PT_REGS.length; i++) {
            context[i] = PT_REGS[i] < 0 ? 0 : values[PT_REGS[i]];
        }
        return context;
    }

    /** Nothing of the user's. */
    static long[] inKernelMode() {
        long[] context = new long[CONTEXT_WORDS];
        Arrays.fill(context, 0xffff_8000_0000_0000L);
        context[CS_WORD] = KERNEL_CS;
        return context;
    }

    /** The kernel's ucontext of these registers (arch/x86/include/uapi/asm/sigcontext.h), words. */
    long[] ucontext() {
        int[] order = {8, 9, R10, 11, 12, 13, 14, R15, 5, 4, RBP, RBX, 1, RAX, 2, RSP, RIP};
        long[] words = new long[5 + order.length];
        words[0] = 7; // uc_flags
        for (int i = 0; i < order.length; i++) {
            words[5 + i] = values[order[i]];
        }
        return words;
    }
}
