package io.perfagent.python.inject.aarch64;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Encodes the few A64 instructions that the routine is made of (Arm Architecture Reference Manual, C4 and C6). Each is a
 * little-endian word; operands sit at the same place nearly everywhere:
 *
 * <pre>
 *   opcode … │ Rm, imm, Rt2 … 20–10 │ Rn 9–5 │ Rd or Rt 4–0
 * </pre>
 *
 * Operands are written destination first. Addresses and constants of 64 bits stand behind the code and are loaded from there.
 */
final class Assembler {
    private static final int LITERAL_ALIGNMENT = 8;

    /** A place in the code, to be bound once and branched to from anywhere. */
    static final class Label {
        private int offset = -1;
    }

    /** Where an instruction keeps the distance to a label. */
    private enum Field {
        /** Words: b, bl. */
        IMM26(26, 0),
        /** Words: b.cond, cbz, cbnz, ldr. */
        IMM19(19, 5),
        /** Words: tbnz. */
        IMM14(14, 5),
        /** Bytes, the lowest two bits apart: adr. */
        ADR(21, 0);

        private final int bits;
        private final int shift;

        Field(int bits, int shift) {
            this.bits = bits;
            this.shift = shift;
        }

        private int encode(int distance) {
            int units = this == ADR ? distance : distance >> 2;
            if (units >> (bits - 1) != units >> 31) {
                throw new IllegalStateException("a label is too far away");
            }
            return this == ADR ? (units & 3) << 29 | (units >> 2 & 0x7ffff) << 5 : (units & (1 << bits) - 1) << shift;
        }
    }

    private record Reference(int at, Label target, Field field) {}

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();
    private final List<Reference> references = new ArrayList<>();
    private final Map<Long, Label> literals = new LinkedHashMap<>();

    Assembler bind(Label label) {
        label.offset = code.size();
        return this;
    }

    Assembler data(byte[] values) {
        code.writeBytes(values);
        return this;
    }

    Assembler data(long value) {
        return little(value, Long.BYTES);
    }

    /** Bytes so far. */
    int size() {
        return code.size();
    }

    /** A place that an indirect call may reach where the page asks for one (FEAT_BTI). */
    Assembler landingPad() {
        return word(0xd503245f);
    }

    Assembler systemCall() {
        return word(0xd4000001);
    }

    Assembler ret() {
        return word(0xd65f03c0);
    }

    Assembler move(Register to, Register from) {
        return word(0xaa0003e0 | from.number() << 16 | to.number());
    }

    /** −65536 … 65535, sign-extended. */
    Assembler move(Register to, int value) {
        int bits = unsigned(value < 0 ? ~value : value, 1, 16);
        return word((value < 0 ? 0x92800000 : 0xd2800000) | bits << 5 | to.number());
    }

    /** From behind the code. */
    Assembler load(Register to, long value) {
        return relative(0x58000000 | to.number(), literals.computeIfAbsent(value, _ -> new Label()), Field.IMM19);
    }

    Assembler load(Register to, Register base, int displacement) {
        return memory(0xf9400000, to, base, displacement, Long.BYTES);
    }

    /** Zero-extends into the upper half. */
    Assembler load32(Register to, Register base, int displacement) {
        return memory(0xb9400000, to, base, displacement, Integer.BYTES);
    }

    Assembler store(Register base, int displacement, Register from) {
        return memory(0xf9000000, from, base, displacement, Long.BYTES);
    }

    Assembler store32(Register base, int displacement, Register from) {
        return memory(0xb9000000, from, base, displacement, Integer.BYTES);
    }

    /** Whatever was read or written before is seen before this. */
    Assembler storeRelease32(Register base, Register from) {
        return word(0x889ffc00 | base.number() << 5 | from.number());
    }

    /** A byte that others change too: what is stored next counts only if nobody did in between. */
    Assembler loadExclusive8(Register to, Register base) {
        return word(0x085f7c00 | base.number() << 5 | to.number());
    }

    /** Leaves 0 in {@code failed} where it was stored; whatever was read or written before is seen before this. */
    Assembler storeReleaseExclusive8(Register failed, Register base, Register from) {
        return word(0x0800fc00 | failed.number() << 16 | base.number() << 5 | from.number());
    }

    Assembler storePair(Register base, int displacement, Register first, Register second) {
        return pair(0xa9000000, first.number(), second.number(), base, displacement, Long.BYTES);
    }

    Assembler loadPair(Register first, Register second, Register base, int displacement) {
        return pair(0xa9400000, first.number(), second.number(), base, displacement, Long.BYTES);
    }

    /** Two at the lower end of the stack, which grows by {@code bytes}. */
    Assembler pushPair(Register first, Register second, int bytes) {
        return pair(0xa9800000, first.number(), second.number(), Register.SP, -bytes, Long.BYTES);
    }

    Assembler popPair(Register first, Register second, int bytes) {
        return pair(0xa8c00000, first.number(), second.number(), Register.SP, bytes, Long.BYTES);
    }

    /** Vector registers number {@code first} and the next, all 128 bits of them. */
    Assembler storeVectors(Register base, int displacement, int first) {
        return pair(0xad000000, first, first + 1, base, displacement, 2 * Long.BYTES);
    }

    Assembler floatingPointStatus(Register to) {
        return word(0xd53b4420 | to.number());
    }

    Assembler floatingPointControl(Register to) {
        return word(0xd53b4400 | to.number());
    }

    /** Below 2²⁴, the lowest 12 bits zero where it is 4096 or more. */
    Assembler add(Register to, Register from, int amount) {
        return immediate(0x91000000, to, from, amount);
    }

    Assembler subtract(Register to, Register from, int amount) {
        return immediate(0xd1000000, to, from, amount);
    }

    Assembler and(Register to, Register left, Register right) {
        return word(0x8a000000 | right.number() << 16 | left.number() << 5 | to.number());
    }

    /** The bits of {@code left} that are not set in {@code right}. */
    Assembler andNot(Register to, Register left, Register right) {
        return word(0x8a200000 | right.number() << 16 | left.number() << 5 | to.number());
    }

    /** Sets one of the lower 32 bits, and clears the upper half. */
    Assembler setBit32(Register to, Register from, int bit) {
        return word(0x32000000 | (-bit & 31) << 16 | from.number() << 5 | to.number());
    }

    Assembler reverseBits(Register to, Register from) {
        return word(0xdac00000 | from.number() << 5 | to.number());
    }

    Assembler leadingZeros(Register to, Register from) {
        return word(0xdac01000 | from.number() << 5 | to.number());
    }

    Assembler compare(Register left, Register right) {
        return word(0xeb00001f | right.number() << 16 | left.number() << 5);
    }

    Assembler compare(Register left, int right) {
        return word(0xf100001f | unsigned(right, 1, 12) << 10 | left.number() << 5);
    }

    Assembler address(Register to, Label label) {
        return relative(0x10000000 | to.number(), label, Field.ADR);
    }

    /** X16 is for this: no callee may expect anything in it (AAPCS64, "IP0"). */
    Assembler call(long function) {
        return load(Register.X16, function).word(0xd63f0000 | Register.X16.number() << 5);
    }

    Assembler call(Label label) {
        return relative(0x94000000, label, Field.IMM26);
    }

    Assembler jump(Label label) {
        return relative(0x14000000, label, Field.IMM26);
    }

    Assembler jump(Condition condition, Label label) {
        return relative(0x54000000 | condition.code(), label, Field.IMM19);
    }

    Assembler jumpIfZero(Register register, Label label) {
        return relative(0xb4000000 | register.number(), label, Field.IMM19);
    }

    /** Looks at the lower half only: what an int is returned in. */
    Assembler jumpIfZero32(Register register, Label label) {
        return relative(0x34000000 | register.number(), label, Field.IMM19);
    }

    Assembler jumpIfNotZero32(Register register, Label label) {
        return relative(0x35000000 | register.number(), label, Field.IMM19);
    }

    Assembler jumpIfSet(Register register, int bit, Label label) {
        return relative(0x37000000 | bit >> 5 << 31 | (bit & 31) << 19 | register.number(), label, Field.IMM14);
    }

    /** The finished code and what it loads from behind it, independent of where it is put. */
    byte[] assemble() {
        literals.forEach(this::place);
        literals.clear();
        byte[] bytes = code.toByteArray();
        ByteBuffer patch = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (Reference reference : references) {
            if (reference.target.offset < 0) {
                throw new IllegalStateException("a label is not bound");
            }
            int distance = reference.field.encode(reference.target.offset - reference.at);
            patch.putInt(reference.at, patch.getInt(reference.at) | distance);
        }
        return bytes;
    }

    private void place(long value, Label label) {
        while (code.size() % LITERAL_ALIGNMENT != 0) {
            code.write(0);
        }
        bind(label).little(value, Long.BYTES);
    }

    private Assembler memory(int opcode, Register register, Register base, int displacement, int size) {
        return word(opcode | unsigned(displacement, size, 12) << 10 | base.number() << 5 | register.number());
    }

    private Assembler pair(int opcode, int first, int second, Register base, int displacement, int size) {
        int scaled = displacement / size;
        if (displacement % size != 0 || scaled < -64 || scaled > 63) {
            throw new IllegalArgumentException("a pair at " + displacement);
        }
        return word(opcode | (scaled & 0x7f) << 15 | second << 10 | base.number() << 5 | first);
    }

    private Assembler immediate(int opcode, Register to, Register from, int amount) {
        boolean high = amount >= 1 << 12;
        int bits = high ? 1 << 22 | unsigned(amount, 1 << 12, 12) << 10 : unsigned(amount, 1, 12) << 10;
        return word(opcode | bits | from.number() << 5 | to.number());
    }

    private static int unsigned(int value, int unit, int bits) {
        if (value % unit != 0 || value < 0 || value / unit >= 1 << bits) {
            throw new IllegalArgumentException(value + " in " + bits + " bits of " + unit);
        }
        return value / unit;
    }

    private Assembler relative(int opcode, Label label, Field field) {
        references.add(new Reference(code.size(), label, field));
        return word(opcode);
    }

    private Assembler word(int instruction) {
        return little(instruction, Integer.BYTES);
    }

    private Assembler little(long value, int count) {
        for (int index = 0; index < count; index++) {
            code.write((int) (value >> (8 * index)));
        }
        return this;
    }
}
