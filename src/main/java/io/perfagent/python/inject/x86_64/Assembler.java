package io.perfagent.python.inject.x86_64;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the few 64-bit instructions that the routine is made of (Intel SDM vol. 2, chapter 2):
 *
 * <pre>
 *   [REX 0100WRXB] opcode [ModRM mod·reg·rm] [SIB] [disp8 or disp32] [imm]
 * </pre>
 *
 * Operands are written destination first. Displacements are short where they can be, since most of the routine reads and writes memory;
 * jumps are always near.
 */
final class Assembler {
    /** A place in the code, to be bound once and jumped to from anywhere. */
    static final class Label {
        private int offset = -1;
    }

    private record Reference(int at, Label target) {}

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final List<Reference> references = new ArrayList<>();

    Assembler bind(Label label) {
        label.offset = code.size();
        return this;
    }

    Assembler bytes(int... values) {
        for (int value : values) {
            code.write(value);
        }
        return this;
    }

    Assembler data(byte[] values) {
        code.writeBytes(values);
        return this;
    }

    Assembler data(long value) {
        return little(value, Long.BYTES);
    }

    Assembler push(Register register) {
        return prefix(register).bytes(0x50 + register.low());
    }

    Assembler pop(Register register) {
        return prefix(register).bytes(0x58 + register.low());
    }

    Assembler pushImmediate(int value) {
        return bytes(0x68).little(value, Integer.BYTES);
    }

    Assembler pushMemory(Register base, int displacement) {
        return prefix(rex(0, 0, base)).bytes(0xff).memory(6, base, displacement);
    }

    Assembler pushFlags() {
        return bytes(0x9c);
    }

    Assembler popFlags() {
        return bytes(0x9d);
    }

    Assembler clearDirection() {
        return bytes(0xfc);
    }

    Assembler systemCall() {
        return bytes(0x0f, 0x05);
    }

    Assembler ret() {
        return bytes(0xc3);
    }

    /** Pops the return address and then {@code bytes} more, in one instruction. */
    Assembler retPopping(int bytes) {
        return bytes(0xc2).little(bytes, Short.BYTES);
    }

    Assembler move(Register to, Register from) {
        return bytes(rex(1, from, to), 0x89, 0xc0 | from.low() << 3 | to.low());
    }

    Assembler move(Register to, long value) {
        return bytes(rex(1, 0, to), 0xb8 + to.low()).little(value, Long.BYTES);
    }

    /** Zero-extends into the upper half. */
    Assembler move32(Register to, int value) {
        return prefix(to).bytes(0xb8 + to.low()).little(value, Integer.BYTES);
    }

    Assembler load(Register to, Register base, int displacement) {
        return bytes(rex(1, to, base), 0x8b).memory(to.low(), base, displacement);
    }

    /** Zero-extends into the upper half. */
    Assembler load32(Register to, Register base, int displacement) {
        return prefix(rex(0, to, base)).bytes(0x8b).memory(to.low(), base, displacement);
    }

    Assembler store(Register base, int displacement, Register from) {
        return bytes(rex(1, from, base), 0x89).memory(from.low(), base, displacement);
    }

    Assembler store32(Register base, int displacement, int value) {
        return prefix(rex(0, 0, base)).bytes(0xc7).memory(0, base, displacement).little(value, Integer.BYTES);
    }

    /** Sign-extends to 64 bits. */
    Assembler storeImmediate(Register base, int displacement, int value) {
        return bytes(rex(1, 0, base), 0xc7).memory(0, base, displacement).little(value, Integer.BYTES);
    }

    /** Sets bits of a byte that others change too. */
    Assembler lockedOr8(Register base, int displacement, int mask) {
        return bytes(0xf0)
                .prefix(rex(0, 0, base))
                .bytes(0x80)
                .memory(1, base, displacement)
                .bytes(mask);
    }

    Assembler address(Register to, Register base, int displacement) {
        return bytes(rex(1, to, base), 0x8d).memory(to.low(), base, displacement);
    }

    Assembler address(Register to, Label label) {
        return bytes(rex(1, to, 0), 0x8d, to.low() << 3 | 5).relative(label);
    }

    Assembler subtract(Register from, Register amount) {
        return bytes(rex(1, amount, from), 0x29, 0xc0 | amount.low() << 3 | from.low());
    }

    Assembler and(Register with, Register other) {
        return bytes(rex(1, other, with), 0x21, 0xc0 | other.low() << 3 | with.low());
    }

    /** Sign-extends the mask from 8 bits. */
    Assembler and(Register with, int mask) {
        return bytes(rex(1, 0, with), 0x83, 0xe0 | with.low(), mask & 0xff);
    }

    Assembler not(Register register) {
        return bytes(rex(1, 0, register), 0xf7, 0xd0 | register.low());
    }

    Assembler zero(Register register) {
        return prefix(rex(0, register, register)).bytes(0x31, 0xc0 | register.low() << 3 | register.low());
    }

    Assembler compare(Register left, Register right) {
        return bytes(rex(1, right, left), 0x39, 0xc0 | right.low() << 3 | left.low());
    }

    Assembler compare(Register left, int right) {
        return bytes(rex(1, 0, left), 0x83, 0xf8 | left.low(), right & 0xff);
    }

    Assembler compare32(Register base, int displacement, int value) {
        return prefix(rex(0, 0, base)).bytes(0x81).memory(7, base, displacement).little(value, Integer.BYTES);
    }

    Assembler test(Register register) {
        return bytes(rex(1, register, register), 0x85, 0xc0 | register.low() << 3 | register.low());
    }

    Assembler test32(Register register) {
        return prefix(rex(0, register, register)).bytes(0x85, 0xc0 | register.low() << 3 | register.low());
    }

    Assembler test32(Register base, int displacement, int mask) {
        return prefix(rex(0, 0, base)).bytes(0xf7).memory(0, base, displacement).little(mask, Integer.BYTES);
    }

    /** Index of the lowest bit that is set. */
    Assembler lowestBit(Register to, Register from) {
        return bytes(rex(1, to, from), 0x0f, 0xbc, 0xc0 | to.low() << 3 | from.low());
    }

    Assembler clearBit(Register in, Register index) {
        return bytes(rex(1, index, in), 0x0f, 0xb3, 0xc0 | index.low() << 3 | in.low());
    }

    /** Saves the vector state that EDX:EAX selects; the area is aligned to 64 bytes. */
    Assembler saveVectors(Register base) {
        return bytes(rex(1, 0, base), 0x0f, 0xae).memory(4, base, 0);
    }

    Assembler restoreVectors(Register base) {
        return bytes(rex(1, 0, base), 0x0f, 0xae).memory(5, base, 0);
    }

    Assembler call(long function) {
        return move(Register.RAX, function).bytes(0xff, 0xd0);
    }

    Assembler call(Label label) {
        return bytes(0xe8).relative(label);
    }

    Assembler jump(Label label) {
        return bytes(0xe9).relative(label);
    }

    Assembler jump(Condition condition, Label label) {
        return bytes(0x0f, 0x80 | condition.code()).relative(label);
    }

    /** Bytes so far. */
    int size() {
        return code.size();
    }

    /** The finished code, independent of where it is put. */
    byte[] assemble() {
        byte[] bytes = code.toByteArray();
        ByteBuffer patch = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (Reference reference : references) {
            if (reference.target.offset < 0) {
                throw new IllegalStateException("a label is not bound");
            }
            patch.putInt(reference.at, reference.target.offset - (reference.at + Integer.BYTES));
        }
        return bytes;
    }

    private Assembler relative(Label label) {
        references.add(new Reference(code.size(), label));
        return little(0, Integer.BYTES);
    }

    private Assembler memory(int reg, Register base, int displacement) {
        boolean brief = displacement == (byte) displacement;
        bytes((brief ? 0x40 : 0x80) | reg << 3 | base.low());
        if (base.low() == Register.RSP.low()) {
            bytes(0x24); // SIB: no index, base as it is
        }
        return little(displacement, brief ? Byte.BYTES : Integer.BYTES);
    }

    private Assembler little(long value, int count) {
        for (int index = 0; index < count; index++) {
            code.write((int) (value >> (8 * index)));
        }
        return this;
    }

    private Assembler prefix(Register register) {
        return register.extended() ? bytes(0x41) : this;
    }

    /** A prefix without a bit set is left out. */
    private Assembler prefix(int rex) {
        return rex == 0x40 ? this : bytes(rex);
    }

    private static int rex(int wide, Register reg, Register base) {
        return 0x40 | wide << 3 | (reg.extended() ? 4 : 0) | (base.extended() ? 1 : 0);
    }

    private static int rex(int wide, int none, Register base) {
        return 0x40 | wide << 3 | none | (base.extended() ? 1 : 0);
    }

    private static int rex(int wide, Register reg, int none) {
        return 0x40 | wide << 3 | (reg.extended() ? 4 : 0) | none;
    }
}
