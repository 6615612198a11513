package io.perfagent.python.inject.aarch64;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.python.inject.aarch64.Assembler.Label;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Every instruction, with every register that it may get, as GNU as encodes it. */
final class AssemblerTest {
    private final Assembler code = new Assembler();
    private final List<String> expected = new ArrayList<>();

    @Test
    void oneRegister() throws IOException, InterruptedException {
        for (Register register : Register.values()) {
            if (register != Register.SP) {
                String name = name(register);
                expect("mov " + name + ", #65535", code.move(register, 65535));
                expect("mov " + name + ", #0", code.move(register, 0));
                expect("mov " + name + ", #-1", code.move(register, -1));
                expect("mov " + name + ", #-4", code.move(register, -4));
                expect("mov " + name + ", #-65536", code.move(register, -65536));
                expect("mrs " + name + ", fpsr", code.floatingPointStatus(register));
                expect("mrs " + name + ", fpcr", code.floatingPointControl(register));
            }
            if (register != Register.XZR) {
                expect("cmp " + name(register) + ", #4095", code.compare(register, 4095));
            }
        }
        verify();
    }

    @Test
    void twoRegisters() throws IOException, InterruptedException {
        for (Register to : Register.values()) {
            for (Register from : Register.values()) {
                if (to != Register.SP && from != Register.SP) {
                    String both = name(to) + ", " + name(from);
                    expect("mov " + both, code.move(to, from));
                    expect("cmp " + both, code.compare(to, from));
                    expect("rbit " + both, code.reverseBits(to, from));
                    expect("clz " + both, code.leadingZeros(to, from));
                    expect("and " + both + ", x7", code.and(to, from, Register.X7));

                    expect("bic x9, " + both, code.andNot(Register.X9, to, from));
                }
            }
        }
        verify();
    }

    @Test
    void sums() throws IOException, InterruptedException {
        for (Register to : Register.values()) {
            for (Register from : Register.values()) {
                if (to != Register.XZR && from != Register.XZR) {
                    String both = name(to) + ", " + name(from);
                    expect("add " + both + ", #0", code.add(to, from, 0));
                    expect("add " + both + ", #4095", code.add(to, from, 4095));
                    expect("sub " + both + ", #4096", code.subtract(to, from, 4096));
                    expect("sub " + both + ", #592", code.subtract(to, from, 592));
                }
            }
        }
        verify();
    }

    @Test
    void memory() throws IOException, InterruptedException {
        for (Register base : Register.values()) {
            if (base != Register.XZR) {
                String name = name(base);
                expect("ldr x9, [" + name + ", #32760]", code.load(Register.X9, base, 32760));
                expect("ldr w10, [" + name + ", #100]", code.load32(Register.X10, base, 100));
                expect("str x11, [" + name + "]", code.store(base, 0, Register.X11));
                expect("str xzr, [" + name + ", #1120]", code.store(base, 1120, Register.XZR));
                expect("str w12, [" + name + ", #16380]", code.store32(base, 16380, Register.X12));
                expect("ldxrb w3, [" + name + "]", code.loadExclusive8(Register.X3, base));
                expect("stlxrb w5, w4, [" + name + "]", code.storeReleaseExclusive8(Register.X5, base, Register.X4));
                expect("stlr w13, [" + name + "]", code.storeRelease32(base, Register.X13));
                expect("stp x14, x15, [" + name + ", #504]", code.storePair(base, 504, Register.X14, Register.X15));
                expect("stp x29, x30, [" + name + ", #-512]", code.storePair(base, -512, Register.X29, Register.X30));
                expect("ldp x16, x17, [" + name + ", #16]", code.loadPair(Register.X16, Register.X17, base, 16));
                expect("stp q30, q31, [" + name + ", #480]", code.storeVectors(base, 480, 30));
                expect("stp q0, q1, [" + name + "]", code.storeVectors(base, 0, 0));
            }
        }
        expect("stp x29, x30, [sp, #-48]!", code.pushPair(Register.X29, Register.X30, 48));
        expect("ldp x29, x30, [sp], #48", code.popPair(Register.X29, Register.X30, 48));
        verify();
    }

    @Test
    void singleBits() throws IOException, InterruptedException {
        for (int bit = 0; bit < 32; bit++) {
            expect("orr w9, w30, #" + (1L << bit), code.setBit32(Register.X9, Register.X30, bit));
        }
        verify();
    }

    @Test
    void withoutOperands() throws IOException, InterruptedException {
        expect("bti c", code.landingPad());
        expect("svc #0", code.systemCall());
        expect("ret", code.ret());
        verify();
    }

    @Test
    void labelsReachForwardAndBack() throws IOException, InterruptedException {
        Label back = new Label();
        Label forward = new Label();
        code.bind(back);
        expected.add("back:");
        expect("b forward", code.jump(forward));
        expect("bl forward", code.call(forward));
        expect("b.eq back", code.jump(Condition.EQUAL, back));
        expect("b.ne forward", code.jump(Condition.NOT_EQUAL, forward));
        expect("b.lo back", code.jump(Condition.BELOW, back));
        expect("b.ls forward", code.jump(Condition.BELOW_OR_EQUAL, forward));
        expect("cbz x22, back", code.jumpIfZero(Register.X22, back));
        expect("cbz w0, forward", code.jumpIfZero32(Register.X0, forward));
        expect("cbnz w1, back", code.jumpIfNotZero32(Register.X1, back));
        expect("tbnz x3, #28, forward", code.jumpIfSet(Register.X3, 28, forward));
        expect("tbnz x3, #63, back", code.jumpIfSet(Register.X3, 63, back));
        expect("adr x4, forward", code.address(Register.X4, forward));
        code.bind(forward);
        expected.add("forward:");
        expect("adr x5, back", code.address(Register.X5, back));
        expect("b back", code.jump(back));
        expect("bl back", code.call(back));
        verify();
    }

    /** The assembler puts each value once, aligned, behind the code, in the order of their first use. */
    @Test
    void constantsStandBehindTheCode() throws IOException, InterruptedException {
        expect("ldr x19, =0x123456789abcdef0", code.load(Register.X19, 0x123456789abcdef0L));
        expect("ldr x16, =0xfffffffffffff123", code.call(-0xeddL));
        expected.add("blr x16");
        expect("ldr x0, =0x123456789abcdef0", code.load(Register.X0, 0x123456789abcdef0L));
        expect("ret", code.ret());
        verify();
    }

    @Test
    void unboundLabel() {
        code.jump(new Label());
        assertThatThrownBy(code::assemble).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatDoesNotFit() {
        assertThatThrownBy(() -> code.load(Register.X0, Register.SP, 32768)).hasMessageContaining("32768");
        assertThatThrownBy(() -> code.load(Register.X0, Register.SP, 4)).hasMessageContaining("4 in 12 bits of 8");
        assertThatThrownBy(() -> code.storePair(Register.SP, 512, Register.X0, Register.X1))
                .hasMessageContaining("512");
        assertThatThrownBy(() -> code.add(Register.X0, Register.SP, 4688)).hasMessageContaining("4688");
        assertThatThrownBy(() -> code.move(Register.X0, 65536)).hasMessageContaining("65536");
    }

    @Test
    void labelTooFarAway() {
        Label far = new Label();
        code.jumpIfSet(Register.X0, 0, far).data(new byte[1 << 15]).bind(far);
        assertThatThrownBy(code::assemble).hasMessageContaining("too far");
    }

    private void expect(String instruction, Assembler emitted) {
        assertThat(emitted).isSameAs(code);
        expected.add(instruction);
    }

    private void verify() throws IOException, InterruptedException {
        assertThat(code.assemble()).isEqualTo(GnuAssembler.assemble(expected));
    }

    private static String name(Register register) {
        return register.name().toLowerCase(Locale.ROOT);
    }
}
