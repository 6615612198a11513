package io.perfagent.bpf.abi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct stopped_walk} and the stack behind it: the frame that a walk stopped at, and what it takes to go on from there.
 *
 * @param memory both, as they left the kernel
 */
public record StoppedWalk(MemorySegment memory) {
    private static final int REGISTERS = 16;
    private static final int RBX_NUMBER = 3;
    private static final int RBP_NUMBER = 6;
    private static final int PAGE = 4096;
    /** Bytes up to a stack's end, in which its first return address lies. */
    private static final int LAST_BYTES = 64;

    /** Named as in C. */
    public static final StructLayout LAYOUT = MemoryLayout.structLayout(
                    JAVA_LONG.withName("stack"),
                    JAVA_LONG.withName("pc"),
                    JAVA_LONG.withName("sp"),
                    JAVA_LONG.withName("rbp"),
                    JAVA_LONG.withName("rbx"),
                    JAVA_LONG.withName("rbp_at"),
                    JAVA_LONG.withName("rbx_at"),
                    MemoryLayout.sequenceLayout(REGISTERS, JAVA_LONG).withName("registers"),
                    JAVA_BYTE.withName("exact"),
                    JAVA_BYTE.withName("newborn"),
                    JAVA_BYTE.withName("goes_on"),
                    JAVA_BYTE.withName("tentative"),
                    JAVA_INT.withName("last"),
                    JAVA_LONG.withName("last_end"),
                    JAVA_LONG.withName("first"),
                    JAVA_LONG.withName("holes"))
            .withName("stopped_walk");

    private static final long STACK = offset("stack");
    private static final long PC = offset("pc");
    private static final long SP = offset("sp");
    private static final long RBP = offset("rbp");
    private static final long RBX = offset("rbx");
    private static final long RBP_AT = offset("rbp_at");
    private static final long RBX_AT = offset("rbx_at");
    private static final long FIRST_REGISTER = offset("registers");
    private static final long EXACT = offset("exact");
    private static final long NEWBORN = offset("newborn");
    private static final long GOES_ON = offset("goes_on");
    private static final long TENTATIVE = offset("tentative");
    private static final long LAST = offset("last");
    private static final long LAST_END = offset("last_end");
    private static final long FIRST = offset("first");
    private static final long HOLES = offset("holes");

    /**
     * Where a thread stands in user code, to walk from its leaf on.
     *
     * @param stack runtime address of the first byte that was read
     * @param bytes of the stack, from there on
     * @param goesOn whether the stack may go on behind them
     */
    public static StoppedWalk of(ThreadRecord thread, long stack, byte[] bytes, boolean goesOn) {
        long[] words = new long[(int) ((LAYOUT.byteSize() + bytes.length + Long.BYTES - 1) / Long.BYTES)];
        MemorySegment memory = MemorySegment.ofArray(words).asSlice(0, LAYOUT.byteSize() + bytes.length);
        memory.set(JAVA_LONG, STACK, stack);
        memory.set(JAVA_LONG, PC, thread.pc());
        memory.set(JAVA_LONG, SP, thread.stackPointer());
        memory.set(JAVA_LONG, RBP, thread.registers()[RBP_NUMBER]);
        memory.set(JAVA_LONG, RBX, thread.registers()[RBX_NUMBER]);
        MemorySegment.copy(thread.registers(), 0, memory, JAVA_LONG, FIRST_REGISTER, REGISTERS);
        memory.set(JAVA_BYTE, EXACT, (byte) 1);
        memory.set(JAVA_BYTE, NEWBORN, (byte) (thread.newborn() ? 1 : 0));
        memory.set(JAVA_BYTE, GOES_ON, (byte) (goesOn ? 1 : 0));
        memory.set(JAVA_LONG, FIRST, thread.first());
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, LAYOUT.byteSize(), bytes.length);
        return new StoppedWalk(memory);
    }

    /** Inside the instruction that runs or calls. */
    public long pc() {
        return memory.get(JAVA_LONG, PC);
    }

    public long sp() {
        return memory.get(JAVA_LONG, SP);
    }

    /** Valid where {@link #rbpAt} is 0. */
    public long rbp() {
        return memory.get(JAVA_LONG, RBP);
    }

    /** Valid where {@link #rbxAt} is 0. */
    public long rbx() {
        return memory.get(JAVA_LONG, RBX);
    }

    /** 0: rbp is known; 1: no rule says where it is; else the address where it could not be read. */
    public long rbpAt() {
        return memory.get(JAVA_LONG, RBP_AT);
    }

    /** As {@link #rbpAt}. */
    public long rbxAt() {
        return memory.get(JAVA_LONG, RBX_AT);
    }

    /** The registers of an exact frame, by DWARF number, but for those that have a method of their own. */
    public long[] registers() {
        return memory.asSlice(FIRST_REGISTER, 8L * REGISTERS).toArray(JAVA_LONG);
    }

    /** Whether no call was left behind: the leaf, or what a signal interrupted. */
    public boolean exact() {
        return memory.get(JAVA_BYTE, EXACT) != 0;
    }

    /** Whether an exact frame was called from this one, whose {@link #registers} may still be its own. */
    public boolean tentative() {
        return memory.get(JAVA_BYTE, TENTATIVE) != 0;
    }

    /** Whether the thread has just been made, and has no frame yet. */
    public boolean newborn() {
        return memory.get(JAVA_BYTE, NEWBORN) != 0;
    }

    /** Where the process's first thread began its stack; 0 where that is not known. */
    public long first() {
        return memory.get(JAVA_LONG, FIRST);
    }

    /** Whether an address is among the last words of the stack's memory. */
    public boolean isLast(long address) {
        return knowsEnd() && end() - address <= LAST_BYTES;
    }

    /** Whether the word at an address was copied. */
    public boolean has(long address) {
        return (at(address) >= 0 && !isHole(address) && !isHole(address + 7)) || atLast(address) >= 0;
    }

    /** Whether the stack has no word at an address: the kernel tried to read there, and could not. */
    public boolean endsBefore(long address) {
        long behind = address + 7 - end();
        boolean atEnd = knowsEnd() && behind >= 0 && behind < PAGE;
        return atEnd || isHole(address) || isHole(address + 7);
    }

    private boolean knowsEnd() {
        return memory.get(JAVA_BYTE, GOES_ON) == 0 || last() > 0;
    }

    private long end() {
        return last() > 0 ? memory.get(JAVA_LONG, LAST_END) : memory.get(JAVA_LONG, STACK) + stackBytes();
    }

    /** Whether an address lies in a page of the copy that could not be read. */
    private boolean isHole(long address) {
        long page = address / PAGE - memory.get(JAVA_LONG, STACK) / PAGE;
        return page >= 0 && page < Long.SIZE && (memory.get(JAVA_LONG, HOLES) >>> page & 1) != 0;
    }

    /** The word at an address that was copied. */
    public long word(long address) {
        long at = at(address);
        long position = at >= 0 ? at : stackBytes() + atLast(address);
        return memory.get(JAVA_LONG.withByteAlignment(1), LAYOUT.byteSize() + position);
    }

    /** Position of a word among those from the frame on; negative where it is none of them. */
    private long at(long address) {
        long at = address - memory.get(JAVA_LONG, STACK);
        return at <= stackBytes() - Long.BYTES ? at : -1;
    }

    /** The same among the last of the stack. */
    private long atLast(long address) {
        long at = address - (memory.get(JAVA_LONG, LAST_END) - last());
        return at <= last() - Long.BYTES ? at : -1;
    }

    private long last() {
        return memory.get(JAVA_INT, LAST);
    }

    /** Of those from the frame on. */
    private long stackBytes() {
        return memory.byteSize() - LAYOUT.byteSize() - last();
    }

    private static long offset(String field) {
        return LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
