package io.perfagent.python.inject.x86_64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.python.inject.Disassembler;
import io.perfagent.python.inject.x86_64.Assembler.Label;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every instruction, with every register that it may get, as GNU objdump reads it. */
final class AssemblerTest {
    private final Assembler code = new Assembler();
    private final List<String> expected = new ArrayList<>();

    @Test
    void oneRegister() throws IOException, InterruptedException {
        for (Register register : Register.values()) {
            String name = name(register);
            expect("push " + name, code.push(register));
            expect("pop " + name, code.pop(register));
            expect("not " + name, code.not(register));
            expect("test " + name + "," + name, code.test(register));
            expect("test " + name32(register) + "," + name32(register), code.test32(register));
            expect("xor " + name32(register) + "," + name32(register), code.zero(register));
            expect("cmp " + name + ",0x1", code.compare(register, 1));
            expect("and " + name + ",0xffffffffffffffc0", code.and(register, -64));
            expect("movabs " + name + ",0x123456789abcdef0", code.move(register, 0x123456789abcdef0L));
            expect("mov " + name32(register) + ",0xffffffff", code.move32(register, -1));
        }
        verify();
    }

    @Test
    void twoRegisters() throws IOException, InterruptedException {
        for (Register to : Register.values()) {
            for (Register from : Register.values()) {
                String both = name(to) + "," + name(from);
                expect("mov " + both, code.move(to, from));
                expect("sub " + both, code.subtract(to, from));
                expect("and " + both, code.and(to, from));
                expect("cmp " + both, code.compare(to, from));
                expect("bsf " + both, code.lowestBit(to, from));
                expect("btr " + both, code.clearBit(to, from));
            }
        }
        verify();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7f, 0x80})
    void memory(int at) throws IOException, InterruptedException {
        for (Register base : Register.values()) {
            String place = "[" + name(base) + "+0x" + Integer.toHexString(at) + "]";
            String place32 = "DWORD PTR " + place;
            String place64 = "QWORD PTR " + place;
            expect("mov r9," + place64, code.load(Register.R9, base, at));
            expect("mov rdx," + place64, code.load(Register.RDX, base, at));
            expect("mov r12d," + place32, code.load32(Register.R12, base, at));
            expect("mov " + place64 + ",r13", code.store(base, at, Register.R13));
            expect("mov " + place32 + ",0x7", code.store32(base, at, 7));
            expect("mov " + place64 + ",0xfffffffffffffffc", code.storeImmediate(base, at, -4));
            expect("lock or BYTE PTR " + place + ",0x20", code.lockedOr8(base, at, 0x20));
            expect("lea rsi," + place, code.address(Register.RSI, base, at));
            expect("cmp " + place32 + ",0x2", code.compare32(base, at, 2));
            expect("test " + place32 + ",0x10000000", code.test32(base, at, 0x10000000));
            expect("push " + place64, code.pushMemory(base, at));
            expect("xsave64 [" + name(base) + "+0x0]", code.saveVectors(base));
            expect("xrstor64 [" + name(base) + "+0x0]", code.restoreVectors(base));
        }
        verify();
    }

    @Test
    void withoutOperands() throws IOException, InterruptedException {
        expect("pushf", code.pushFlags());
        expect("popf", code.popFlags());
        expect("cld", code.clearDirection());
        expect("syscall", code.systemCall());
        expect("ret", code.ret());
        expect("ret 0x80", code.retPopping(128));
        expect("push 0x0", code.pushImmediate(0));
        expect("movabs rax,0x1234", code.call(0x1234));
        expected.add("call rax");
        verify();
    }

    @Test
    void labelsReachForwardAndBack() throws IOException, InterruptedException {
        Label back = new Label();
        Label forward = new Label();
        code.bind(back).ret();
        expected.add("ret");
        expect("jmp 0x0", code.jump(back));
        expect("je 0x0", code.jump(Condition.EQUAL, back));
        expect("jne 0x25", code.jump(Condition.NOT_EQUAL, forward));
        expect("jb 0x25", code.jump(Condition.BELOW, forward));
        expect("jbe 0x0", code.jump(Condition.BELOW_OR_EQUAL, back));
        expect("call 0x0", code.call(back));
        expected.add("nop");
        expected.add("nop");
        code.bytes(0x90, 0x90).bind(forward);
        expect("lea r10,[rip+0xfffffffffffffff9]", code.address(Register.R10, forward));
        verify();
    }

    @Test
    void unboundLabel() {
        code.jump(new Label());
        assertThatThrownBy(code::assemble).isInstanceOf(IllegalStateException.class);
    }

    private void expect(String instruction, Assembler emitted) {
        assertThat(emitted).isSameAs(code);
        expected.add(instruction);
    }

    private void verify() throws IOException, InterruptedException {
        assertThat(Disassembler.X86_64.disassemble(code.assemble())).isEqualTo(expected);
    }

    private static String name(Register register) {
        return register.name().toLowerCase(Locale.ROOT);
    }

    private static String name32(Register register) {
        String name = name(register);
        return register.extended() ? name + "d" : "e" + name.substring(1);
    }
}
