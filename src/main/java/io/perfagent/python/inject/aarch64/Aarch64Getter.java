package io.perfagent.python.inject.aarch64;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * Follows a function that only reads fields, instruction by instruction, in a copy of its code and over the live memory: what it
 * would return is known without anybody calling it. Where a field lies differs from release to release; the code that reads it is the
 * one place that says so (Arm ARM, C4 and C6).
 *
 * <pre>
 *   adrp x0, _PyRuntime …; ldr w0, [x0, #2816]        w0 ← [page + 2816]
 *   ldr x0, [x0, #8488]; cmp x0, #0; csel x0, x1, x0, eq; ret
 * </pre>
 */
final class Aarch64Getter {
    private static final int MAX_INSTRUCTIONS = 40;
    private static final long LOW_32 = 0xffff_ffffL;
    private static final int PAGE_BITS = 12;
    /** The stack pointer or zero: neither is kept. */
    private static final int NONE = 31;

    /** What an instruction does. */
    @FunctionalInterface
    private interface Effect {
        void on(Aarch64Getter cpu, int instruction) throws IOException;
    }

    /** Those whose bits under a mask are so. */
    private record Instruction(int mask, int bits, Effect effect) {}

    private static final Effect NOTHING = (_, _) -> {};

    private static final List<Instruction> KNOWN = List.of(
            new Instruction(0xfffff01f, 0xd503201f, NOTHING), // nop, bti c, paciasp, autiasp, …
            new Instruction(0xffffffff, 0xa9bf7bfd, NOTHING), // stp x29,x30,[sp,#-16]!
            new Instruction(0xffffffff, 0x910003fd, NOTHING), // mov x29,sp
            new Instruction(0xffffffff, 0xa8c17bfd, NOTHING), // ldp x29,x30,[sp],#16
            new Instruction(0x9f000000, 0x90000000, (cpu, i) -> cpu.to(i, cpu.page(i))), // adrp
            new Instruction(0xffc00000, 0x91000000, (cpu, i) -> cpu.to(i, cpu.base(i) + amount(i))), // add x,x,#
            new Instruction(
                    0xffc00000, 0xf9400000, (cpu, i) -> cpu.to(i, cpu.word(cpu.base(i) + 8L * amount(i)))), // ldr x
            new Instruction(
                    0xffc00000,
                    0xb9400000,
                    (cpu, i) -> cpu.to(i, cpu.word(cpu.base(i) + 4L * amount(i)) & LOW_32)), // ldr w
            new Instruction(0xfffffc00, 0xc8dffc00, (cpu, i) -> cpu.to(i, cpu.word(cpu.base(i)))), // ldar x
            new Instruction(0xfffffc00, 0x88dffc00, (cpu, i) -> cpu.to(i, cpu.word(cpu.base(i)) & LOW_32)), // ldar w
            new Instruction(0xffe00000, 0xd2800000, (cpu, i) -> cpu.to(i, i >> 5 & 0xffff)), // mov x,#
            new Instruction(0xffe00000, 0x52800000, (cpu, i) -> cpu.to(i, i >> 5 & 0xffff)), // mov w,#
            new Instruction(0xffe0ffe0, 0xaa0003e0, (cpu, i) -> cpu.to(i, cpu.from(i >> 16))), // mov x,x
            new Instruction(0xffc0001f, 0xf100001f, (cpu, i) -> cpu.zero = cpu.base(i) == amount(i)), // cmp x,#
            new Instruction(0xffc0001f, 0x7100001f, (cpu, i) -> cpu.zero = (int) cpu.base(i) == amount(i)), // cmp w,#
            new Instruction(0xffffffe0, 0x1a9f07e0, (cpu, i) -> cpu.to(i, cpu.zero ? 0 : 1)), // cset w,ne
            new Instruction(
                    0xffe0fc00,
                    0x9a800000,
                    (cpu, i) -> cpu.to(i, cpu.zero ? cpu.base(i) : cpu.from(i >> 16))), // csel …,eq
            new Instruction(
                    0xffe0fc00,
                    0x9a801000,
                    (cpu, i) -> cpu.to(i, cpu.zero ? cpu.from(i >> 16) : cpu.base(i))), // csel …,ne
            new Instruction(0xff000000, 0xb4000000, (cpu, i) -> cpu.jumpIf(cpu.from(i) == 0, i)), // cbz x
            new Instruction(0xff000000, 0xb5000000, (cpu, i) -> cpu.jumpIf(cpu.from(i) != 0, i)), // cbnz x
            new Instruction(0xff000000, 0x34000000, (cpu, i) -> cpu.jumpIf((int) cpu.from(i) == 0, i)), // cbz w
            new Instruction(0xff000000, 0x35000000, (cpu, i) -> cpu.jumpIf((int) cpu.from(i) != 0, i)), // cbnz w
            new Instruction(0xff00001f, 0x54000000, (cpu, i) -> cpu.jumpIf(cpu.zero, i)), // b.eq
            new Instruction(0xff00001f, 0x54000001, (cpu, i) -> cpu.jumpIf(!cpu.zero, i)), // b.ne
            new Instruction(0xfc000000, 0x14000000, (cpu, i) -> cpu.next = cpu.far(i)), // b
            new Instruction(0xfc000000, 0x94000000, (cpu, i) -> cpu.call(cpu.far(i))), // bl
            new Instruction(0xfffffc1f, 0xd61f0000, (cpu, i) -> cpu.next = cpu.base(i)), // br, in the PLT
            new Instruction(0xffffffff, 0xd65f03c0, (cpu, _) -> cpu.leave())); // ret

    private final ProcessMemory memory;
    private final Deque<Long> callers = new ArrayDeque<>();
    private final long[] registers = new long[NONE];
    private boolean zero;
    private boolean understood = true;
    private long next;
    private boolean done;

    private Aarch64Getter(ProcessMemory memory, long argument) {
        this.memory = memory;
        this.registers[0] = argument;
    }

    /** What the function would return now; empty where it does more than these instructions do. */
    static OptionalLong evaluate(ProcessMemory memory, long function, long argument) throws IOException {
        Aarch64Getter cpu = new Aarch64Getter(memory, argument);
        cpu.next = function;
        for (int count = 0; count < MAX_INSTRUCTIONS && !cpu.done; count++) {
            if (!cpu.step()) {
                return OptionalLong.empty();
            }
        }
        return cpu.done ? OptionalLong.of(cpu.registers[0]) : OptionalLong.empty();
    }

    private boolean step() throws IOException {
        int instruction = memory.read(next, Integer.BYTES).getInt(0);
        for (Instruction known : KNOWN) {
            if ((instruction & known.mask) == known.bits) {
                next += Integer.BYTES;
                known.effect.on(this, instruction);
                return understood;
            }
        }
        return false;
    }

    private void to(int instruction, long value) {
        int number = instruction & 31;
        understood &= number != NONE;
        if (number != NONE) {
            registers[number] = value;
        }
    }

    /** @param field an instruction, shifted so that the number comes last */
    private long from(int field) {
        int number = field & 31;
        understood &= number != NONE;
        return number == NONE ? 0 : registers[number];
    }

    private long base(int instruction) {
        return from(instruction >> 5);
    }

    private static int amount(int instruction) {
        return instruction >> 10 & 0xfff;
    }

    private long page(int instruction) {
        long pages = (long) (instruction << 8 >> 13) << 2 | (instruction >> 29 & 3);
        return (((next - Integer.BYTES) >> PAGE_BITS) + pages) << PAGE_BITS;
    }

    private long word(long address) throws IOException {
        return understood ? memory.word(address) : 0;
    }

    private void jumpIf(boolean taken, int instruction) {
        next += taken ? (instruction << 8 >> 13 << 2) - Integer.BYTES : 0;
    }

    private long far(int instruction) {
        return next - Integer.BYTES + (instruction << 6 >> 6 << 2);
    }

    private void call(long function) {
        callers.push(next);
        next = function;
    }

    private void leave() {
        done = callers.isEmpty();
        next = done ? next : callers.pop();
    }
}
