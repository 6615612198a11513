package io.perfagent.python.inject.x86_64;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/**
 * Follows a function that only reads fields, instruction by instruction, in a copy of its code and over the live memory: what it
 * would return is known without anybody calling it. Where a field lies differs from release to release; the code that reads it is the
 * one place that says so (Intel SDM volume 2, "Instruction Format").
 *
 * <pre>
 *   mov 0x4eacb0(%rip),%rax        rax ← [next + disp]
 *   mov 0x260(%rax),%rax           rax ← [rax + disp]
 *   test %rax,%rax; setne %al …    ret → rax
 * </pre>
 */
final class X86Getter {
    private static final int MAX_INSTRUCTIONS = 40;
    private static final int MAX_LENGTH = 15;
    private static final long LOW_32 = 0xffff_ffffL;

    /** What an instruction does, given its displacement or constant, sign-extended. */
    @FunctionalInterface
    private interface Effect {
        void on(X86Getter cpu, int operand) throws IOException;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Instruction(byte[] opcode, int operandBytes, int trailingBytes, Effect effect) {
        int length() {
            return opcode.length + operandBytes + trailingBytes;
        }

        /** The one constant that is compared with is 0. */
        boolean is(ByteBuffer code) {
            return code.slice(0, opcode.length).equals(ByteBuffer.wrap(opcode))
                    && (trailingBytes == 0 || code.get(length() - 1) == 0);
        }
    }

    private static final List<Instruction> KNOWN = List.of(
            of("f30f1efa", 0, (_, _) -> {}), // endbr64
            of("55", 0, (_, _) -> {}), // push %rbp
            of("5d", 0, (_, _) -> {}), // pop %rbp
            of("4889e5", 0, (_, _) -> {}), // mov %rsp,%rbp
            of("4883ec", 1, (_, _) -> {}), // sub $…,%rsp
            of("4883c4", 1, (_, _) -> {}), // add $…,%rsp
            of("31c0", 0, (cpu, _) -> cpu.rax = 0), // xor %eax,%eax
            of("488b05", 4, (cpu, at) -> cpu.rax = cpu.word(cpu.next + at)), // mov …(%rip),%rax
            of("8b05", 4, (cpu, at) -> cpu.rax = cpu.word(cpu.next + at) & LOW_32), // mov …(%rip),%eax
            of("488d05", 4, (cpu, at) -> cpu.rax = cpu.next + at), // lea …(%rip),%rax
            of("488b00", 0, (cpu, _) -> cpu.rax = cpu.word(cpu.rax)), // mov (%rax),%rax
            of("488b40", 1, (cpu, at) -> cpu.rax = cpu.word(cpu.rax + at)), // mov …(%rax),%rax
            of("488b80", 4, (cpu, at) -> cpu.rax = cpu.word(cpu.rax + at)),
            of("8b40", 1, (cpu, at) -> cpu.rax = cpu.word(cpu.rax + at) & LOW_32), // mov …(%rax),%eax
            of("8b80", 4, (cpu, at) -> cpu.rax = cpu.word(cpu.rax + at) & LOW_32),
            of("488b07", 0, (cpu, _) -> cpu.rax = cpu.word(cpu.rdi)), // mov (%rdi),%rax
            of("488b47", 1, (cpu, at) -> cpu.rax = cpu.word(cpu.rdi + at)), // mov …(%rdi),%rax
            of("488b87", 4, (cpu, at) -> cpu.rax = cpu.word(cpu.rdi + at)),
            of("b8", 4, (cpu, value) -> cpu.rax = value & LOW_32), // mov $…,%eax
            of("ba", 4, (cpu, value) -> cpu.rdx = value & LOW_32), // mov $…,%edx
            of("488b15", 4, (cpu, at) -> cpu.rdx = cpu.word(cpu.next + at)), // mov …(%rip),%rdx
            of("488d15", 4, (cpu, at) -> cpu.rdx = cpu.next + at), // lea …(%rip),%rdx
            of("4885c0", 0, (cpu, _) -> cpu.zero = cpu.rax == 0), // test %rax,%rax
            of("85c0", 0, (cpu, _) -> cpu.zero = (int) cpu.rax == 0), // test %eax,%eax
            comparison("48833d", 4, (cpu, at) -> cpu.zero = cpu.word(cpu.next + at) == 0), // cmpq $0,…(%rip)
            comparison("488378", 1, (cpu, at) -> cpu.zero = cpu.word(cpu.rax + at) == 0), // cmpq $0,…(%rax)
            comparison("4883b8", 4, (cpu, at) -> cpu.zero = cpu.word(cpu.rax + at) == 0),
            of("480f44c2", 0, (cpu, _) -> cpu.rax = cpu.zero ? cpu.rdx : cpu.rax), // cmove %rdx,%rax
            of("0f95c0", 0, (cpu, _) -> cpu.rax = (cpu.rax & ~0xffL) | (cpu.zero ? 0 : 1)), // setne %al
            of("0fb6c0", 0, (cpu, _) -> cpu.rax &= 0xff), // movzbl %al,%eax
            of("74", 1, (cpu, by) -> cpu.next += cpu.zero ? by : 0), // je
            of("75", 1, (cpu, by) -> cpu.next += cpu.zero ? 0 : by), // jne
            of("eb", 1, (cpu, by) -> cpu.next += by), // jmp
            of("e9", 4, (cpu, by) -> cpu.next += by),
            of("ff25", 4, (cpu, at) -> cpu.next = cpu.word(cpu.next + at)), // jmp *…(%rip), in the PLT
            of("f2ff25", 4, (cpu, at) -> cpu.next = cpu.word(cpu.next + at)), // bnd jmp *…(%rip)
            of("e8", 4, (cpu, by) -> cpu.call(cpu.next + by)), // call
            of("c3", 0, (cpu, _) -> cpu.leave()), // ret
            of("f3c3", 0, (cpu, _) -> cpu.leave())); // rep ret

    private final ProcessMemory memory;
    private final Deque<Long> callers = new ArrayDeque<>();
    private final long rdi;
    private long rax;
    private long rdx;
    private boolean zero;
    private long next;
    private boolean done;

    private X86Getter(ProcessMemory memory, long rdi) {
        this.memory = memory;
        this.rdi = rdi;
    }

    /** What the function would return now; empty where it does more than these instructions do. */
    static OptionalLong evaluate(ProcessMemory memory, long function, long argument) throws IOException {
        X86Getter cpu = new X86Getter(memory, argument);
        cpu.next = function;
        for (int count = 0; count < MAX_INSTRUCTIONS && !cpu.done; count++) {
            if (!cpu.step()) {
                return OptionalLong.empty();
            }
        }
        return cpu.done ? OptionalLong.of(cpu.rax) : OptionalLong.empty();
    }

    private boolean step() throws IOException {
        ByteBuffer code = memory.read(next, MAX_LENGTH);
        for (Instruction known : KNOWN) {
            if (known.is(code)) {
                next += known.length();
                known.effect().on(this, operand(code, known));
                return true;
            }
        }
        return false;
    }

    private static int operand(ByteBuffer code, Instruction known) {
        int at = known.opcode().length;
        return switch (known.operandBytes()) {
            case 0 -> 0;
            case 1 -> code.get(at);
            default -> code.getInt(at);
        };
    }

    private long word(long address) throws IOException {
        return memory.word(address);
    }

    private void call(long function) {
        callers.push(next);
        next = function;
    }

    private void leave() {
        done = callers.isEmpty();
        next = done ? next : callers.pop();
    }

    private static Instruction of(String opcode, int operandBytes, Effect effect) {
        return new Instruction(HexFormat.of().parseHex(opcode), operandBytes, 0, effect);
    }

    /** Its constant, one byte, comes last. */
    private static Instruction comparison(String opcode, int operandBytes, Effect effect) {
        return new Instruction(HexFormat.of().parseHex(opcode), operandBytes, 1, effect);
    }
}
